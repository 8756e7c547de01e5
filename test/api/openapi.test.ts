import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Validator } from '@seriousme/openapi-schema-validator'
import { apiOffice, type Office } from './api-office.js'

let office: Office
beforeAll(async () => {
  office = await apiOffice({ pollEvery: 3600_000 })
})
afterAll(() => office.stop())

test('the document is OpenAPI 3.1', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(office.document))).toMatchObject({ valid: true })
  expect(validator.version).toBe('3.1')
})

test('it has whatever is answered, and no more', async () => {
  const { paths } = office.document
  const asked = Object.entries<object>(paths).map(([path, operations]) => [path, Object.keys(operations)])
  for (const [path, methods] of asked as [string, string[]][]) {
    const { headers } = await office.ask('OPTIONS', path.replace('{id}', '1'))
    const allowed = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    expect([path, headers.get('allow')]).toEqual([path, [...allowed, 'OPTIONS'].join(', ')])
  }
  expect(asked.map(([path]) => path)).toEqual([
    ...['/panel', '/panel/{id}', '/ftp', '/ftp/{id}', '/sources', '/removals', '/removals/{id}', '/keep-outs'],
    ...['/removals/{id}/release', '/holds', '/events', '/openapi.json'],
  ])
})

test('each parameter and each field of a body is known where it is sent', async () => {
  const right: Record<string, string> = {
    ...{ limit: '5', idleFor: '1000', status: 'idle', type: 'anonymous', since: '2026-01-31T12:00:00Z' },
    ...{ batch: '6f1c2f0e-6b0d-4b43-9c0e-0a2f9f3f7f55', cursor: '' },
  }
  for (const [path, { get }] of Object.entries<{ get?: { parameters: { name: string; in: string }[] } }>(
    office.document.paths,
  )) {
    for (const { name } of get?.parameters.filter(({ in: where, name }) => where === 'query' && name !== 'cursor') ??
      []) {
      const { status, text } = await office.ask('GET', `${path}?${name}=${right[name] ?? 'x'}`)
      expect([path, name, status, text]).toEqual([path, name, 200, expect.any(String)])
    }
  }
  const body = (path: string) =>
    Object.keys(office.document.paths[path].post.requestBody.content['application/json'].schema.properties)
  expect(body('/removals')).toEqual([
    ...['kind', 'host', 'source', 'login', 'person', 'ip', 'keys', 'ids', 'idleFor'],
    ...['reason', 'tellReason', 'whenIdle', 'keepOut', 'batch'],
  ])
  expect(body('/keep-outs')).toEqual(['login', 'ip', 'minutes', 'reason', 'sources', 'batch'])
})
