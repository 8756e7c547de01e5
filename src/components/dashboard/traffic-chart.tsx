import { Box } from '@adminjs/design-system'
import React from 'react'
import type { TrafficPoint } from '../../database/traffic.js'
import { asDate } from '../../text/format.js'
import { unseen } from '../shared/unseen.js'
import { useTexts } from '../shared/use-texts.js'
import { quiet } from '../shared/dim.js'

/** In units of the drawing; it is as wide as there is room. */
const [width, height] = [600, 120]

/** Up and down over time. Where nothing is known there is a gap. The same numbers are in a table for who can't see it. */
export const TrafficChart: React.FC<{
  points: TrafficPoint[]
  /** How long the chart reaches back, and how far its points lie apart, in ms. */
  spanMs: number
  stepMs: number
  now: number
}> = ({ points, spanMs, stepMs, now }) => {
  const { say, speed, moment } = useTexts('FtpSession')
  const most = Math.max(1, ...points.flatMap(({ up, down }) => [up ?? 0, down ?? 0]))
  const at = ({ at: iso }: TrafficPoint) => (1 - (now - Date.parse(iso)) / spanMs) * width
  const lineOf = (way: 'up' | 'down') =>
    unbroken(points, way, stepMs).map((run) =>
      // A line of one point is a dot, if it is there twice.
      (run.length === 1 ? [run[0]!, run[0]!] : run)
        .map((point) => `${at(point).toFixed(1)},${(height - (point[way]! / most) * (height - 4)).toFixed(1)}`)
        .join(' '),
    )
  return (
    <figure style={{ margin: 0 }}>
      <Box as="figcaption" flex mb="default" style={{ gap: 16, fontSize: 12 }}>
        <Legend color="info">{say('chart.up')}</Legend>
        <Legend color="success">{say('chart.down')}</Legend>
        <span style={{ marginLeft: 'auto' }}>{say('chart.most', { speed: speed(most) })}</span>
      </Box>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        style={{ display: 'block', width: '100%', height, borderBottom: '1px solid currentColor', overflow: 'visible' }}
      >
        {(['up', 'down'] as const).map((way) => (
          <Box as="g" key={way} color={way === 'up' ? 'info' : 'success'}>
            {lineOf(way).map((line) => (
              <polyline
                key={line}
                points={line}
                fill="none"
                stroke="currentColor"
                strokeWidth={2}
                strokeLinecap="round"
                strokeLinejoin="round"
                vectorEffect="non-scaling-stroke"
              />
            ))}
          </Box>
        ))}
      </svg>
      <Box as="div" flex justifyContent="space-between" style={{ fontSize: 12, opacity: quiet }} aria-hidden="true">
        <span>{moment(new Date(now - spanMs))}</span>
        <span>{moment(new Date(now))}</span>
      </Box>
      {points.length === 0 ? <p>{say('chart.none')}</p> : null}
      <table style={unseen}>
        <tbody>
          {points.map((point) => (
            <tr key={point.at}>
              <th scope="row">{moment(asDate(point.at)!)}</th>
              <td>{point.up === null ? say('unknown') : say('totalUp', { speed: speed(point.up) })}</td>
              <td>{point.down === null ? say('unknown') : say('totalDown', { speed: speed(point.down) })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}

const Legend: React.FC<React.PropsWithChildren<{ color: string }>> = ({ color, children }) => (
  <Box as="span" flex alignItems="center" style={{ gap: 8 }}>
    <Box as="span" bg={color} style={{ width: 12, height: 3 }} />
    {children}
  </Box>
)

/** Points that follow each other without a gap and have a value. */
function unbroken(points: TrafficPoint[], way: 'up' | 'down', stepMs: number): TrafficPoint[][] {
  const runs: TrafficPoint[][] = []
  let before: TrafficPoint | undefined
  for (const point of points) {
    if (point[way] === null) continue
    const follows = before !== undefined && Date.parse(point.at) - Date.parse(before.at) <= 2 * stepMs
    if (follows) runs.at(-1)!.push(point)
    else runs.push([point])
    before = point
  }
  return runs
}
