import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { backOffice } from './actions/back-office.js'
import { until } from './until.js'

describe('metrics', () => {
  let office: Awaited<ReturnType<typeof backOffice>>
  let registry: Registry
  let failing = false
  beforeEach(async () => {
    failing = false
    registry = new Registry()
    office = await backOffice(
      { pollEvery: 300, endsWithin: 1000 },
      {
        list: async () => {
          if (failing) throw new Error('away')
          return [...office.ftp.sessions.values()].map((one) => ({ ...one }))
        },
        end: async ({ key, login }) => {
          if (login === 'stubborn') throw new Error('not today')
          office.ftp.sessions.delete(key)
          return 'asked'
        },
      },
    )
    await office.sessions.metrics(registry)
  })
  afterEach(() => office.stop())

  /** Its samples, by their names with labels. */
  const scraped = async () =>
    Object.fromEntries(
      (await registry.metrics())
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    ) as Record<string, number>
  const fake = 'source="fake-ftp",host="test-host"'

  test('sessions by kind, type and source, transfers, removals, keep-outs and polls', async () => {
    office.ftp.add('alice', { type: 'domain-user', status: 'uploading', fileName: 'secret.doc' })
    office.ftp.add('bob', { type: 'domain-user', status: 'downloading' })
    office.ftp.add('carol', { type: 'anonymous' })
    office.ftp.add('dave')
    office.ftp.add('stubborn')
    const admin = await office.login('admin@example.com')
    await admin.row('FtpSession', 'dave')
    await admin.row('PanelSession', 'admin@example.com')
    await office.sessions.remove({ login: 'dave', by: 'test', keepOut: { by: 'login', minutes: 5 } })
    await office.sessions.remove({ login: 'stubborn', by: 'test' })
    const samples = await scraped()
    expect(samples).toMatchObject({
      [`adminjs_sessions_open{kind="ftp",${fake},type="domain-user"}`]: 2,
      [`adminjs_sessions_open{kind="ftp",${fake},type="anonymous"}`]: 1,
      [`adminjs_sessions_open{kind="ftp",${fake},type=""}`]: 1,
      [`adminjs_sessions_open{kind="panel",source="express-session",host="test-host",type="administrator"}`]: 1,
      [`adminjs_sessions_transfers{${fake},direction="up"}`]: 1,
      [`adminjs_sessions_transfers{${fake},direction="down"}`]: 1,
      [`adminjs_sessions_kept_out{${fake},by="login"}`]: 1,
      [`adminjs_sessions_source_up{kind="ftp",${fake}}`]: 1,
      [`adminjs_sessions_removals_total{kind="ftp",${fake},outcome="ended",via="api"}`]: 1,
      [`adminjs_sessions_removals_total{kind="ftp",${fake},outcome="failed",via="api"}`]: 1,
      [`adminjs_sessions_poll_failures_total{kind="ftp",${fake}}`]: 0,
    })
    expect(samples[`adminjs_sessions_poll_seconds_count{kind="ftp",${fake}}`]).toBeGreaterThan(0)
    const age = Date.now() / 1000 - samples[`adminjs_sessions_source_read_timestamp_seconds{kind="ftp",${fake}}`]!
    expect(age).toBeLessThan(300)
    // No login, no address, no file.
    expect(await registry.metrics()).not.toMatch(/alice|bob|carol|dave|192\.0\.2|secret|example\.com/)
  })

  test('a source that fails is down, and counted; what was there before is gone from the numbers when it is gone', async () => {
    office.ftp.add('alice', { status: 'uploading' })
    await until('its number', async () => (await scraped())[`adminjs_sessions_transfers{${fake},direction="up"}`] === 1)
    office.ftp.sessions.clear()
    office.ftp.site?.changed()
    await until('its end', async () => !(`adminjs_sessions_transfers{${fake},direction="up"}` in (await scraped())))
    failing = true
    await until('the failure', async () => (await scraped())[`adminjs_sessions_source_up{kind="ftp",${fake}}`] === 0)
    expect((await scraped())[`adminjs_sessions_poll_failures_total{kind="ftp",${fake}}`]).toBeGreaterThan(0)
  })

  test('a stopped back office has none, and takes nothing of the host’s with it', async () => {
    await office.sessions.stop()
    expect(await registry.metrics()).toBe('\n')
  })

  test('where the tables can’t be read the host’s own metrics go on', async () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => {})
    const other = new Registry()
    await office.sessions.stop()
    await office.sessions.metrics(other)
    const text = await other.metrics()
    expect(text).toContain('# TYPE adminjs_sessions_open gauge')
    expect(text).not.toMatch(/^adminjs_sessions_open\{/m)
    await other.metrics()
    expect(
      said.mock.calls.filter(([message]) => String(message).includes('could not be read for metrics')),
    ).toHaveLength(1)
    said.mockRestore()
  })

  test('the dashboard and the alerts in docs ask for metrics that there are', async () => {
    const there = new Set([...(await registry.metrics()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    )) // prettier-ignore
    for (const file of ['docs/grafana-dashboard.json', 'docs/prometheus-alerts.yml']) {
      const asked = new Set(readFileSync(file, 'utf8').match(/adminjs_sessions_\w+/g))
      expect(asked.size).toBeGreaterThan(1)
      expect([...asked].filter((name) => !there.has(name))).toEqual([])
    }
  })
})
