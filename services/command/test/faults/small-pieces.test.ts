import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventually, secretOf } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from '../app-fixture.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes: nearly the longest line, and the longest document. */
const size = 250_000
const ofOneByte = '1\r\nx\r\n'

for (const [what, path, type] of [
  ['line of an import', '/v1/events', 'application/x-ndjson'],
  ['document', '/v1/proposals/lab/events', 'application/json'],
] as const) {
  t.test(`a ${what} that arrives byte by byte takes no more memory than another`, async (t) => {
    const { app } = await openCommandApp(t)
    await app.listen({ host: '127.0.0.1', port: 0 })
    const served = once(app.server, 'connection') as Promise<[Socket]>
    const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => client.destroy())
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: ledger.example',
      `Authorization: Bearer ${secretOf('registry')}`,
      `Content-Type: ${type}`,
      'Transfer-Encoding: chunked',
    ]
    const body = ofOneByte.repeat(size)
    const [socket] = await served
    collect()
    const before = process.memoryUsage().heapUsed
    client.write(`${head.join('\r\n')}\r\n\r\n`)
    client.write(body)
    await eventually(() => socket.bytesRead > body.length, { within: 60_000 })
    await nextTurn()
    collect()
    const grown = (process.memoryUsage().heapUsed - before) / size
    t.comment(`${grown.toFixed(1)} bytes for each byte`)
    t.ok(grown < 20)
  })
}
