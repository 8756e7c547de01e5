import { expect, test } from '@jest/globals'
import { parseConnections } from '../../../src/collectors/ftp/os/tcp-connections.js'

test('what the peers have received, without the SYN of the one who connected, and nothing where nothing was sent', () => {
  const printed = [
    'ESTAB 0 3782080 127.0.0.1:46205 127.0.0.1:45904 timer:(persist,820ms,1) uid:2044 ino:13924 sk:1 <-> ts bytes_sent:175616 bytes_retrans:47616 bytes_acked:128000 segs_out:6',
    'ESTAB 128000 0 127.0.0.1:45904 127.0.0.1:46205 ino:13923 sk:6 <-> ts bytes_acked:1 bytes_received:128000',
    'TIME-WAIT 0 0 127.0.0.1:1 127.0.0.1:2 timer:(timewait,59sec,0) ino:0 sk:9',
    'ESTAB 0 0 [::1]:21 [::1]:5 ino:77 sk:2 <->',
    '',
  ]
  const confirmed = [...parseConnections(printed.join('\n'))].map(([inode, connection]) => [
    inode,
    connection.confirmed,
  ])
  // A connection whose process has closed it has no inode any more.
  expect(new Map(confirmed as [string, number][])).toEqual(
    new Map([
      ['13924', 128_000],
      ['13923', 0],
      ['77', 0],
    ]),
  )
})
