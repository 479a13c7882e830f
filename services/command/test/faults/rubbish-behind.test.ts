import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { proposed, secretOf } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from '../app-fixture.ts'
import { logOf } from '../recorder-fixture.ts'

const tries = 3
const delays = [0, 1, 2, 3]

/** One event by each of the three ways of recording. */
const doors = {
  single: (proposalId: string) =>
    head(`/v1/proposals/${proposalId}/events`, 'application/json', JSON.stringify(proposed())),
  bulk: (proposalId: string) =>
    head('/v1/events', 'application/x-ndjson', `${JSON.stringify({ proposalId, ...proposed() })}\n`),
  atomic: (proposalId: string) =>
    head('/v1/events?atomic=true', 'application/x-ndjson', `${JSON.stringify({ proposalId, ...proposed() })}\n`),
} as const

const rubbish = { 'a NUL': '\0', 'a brace': '}', 'a head that is too large': `GET /${'x'.repeat(20_000)}` } as const

function head(path: string, type: string, body: string): string {
  const fields = `Host: x\r\nAuthorization: Bearer ${secretOf('registry')}\r\nContent-Type: ${type}`
  return `POST ${path} HTTP/1.1\r\n${fields}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

const service = await openCommandApp(t)
const port = Number(new URL(await service.app.listen({ host: '127.0.0.1', port: 0 })).port)
let number = 0

for (const [door, request] of Object.entries(doors)) {
  for (const [what, bytes] of Object.entries(rubbish)) {
    t.test(`a recorded event is answered as recorded, whatever bytes follow it: ${door}, ${what}`, async (t) => {
      for (const delay of delays) {
        for (let round = 0; round < tries; round += 1) {
          number += 1
          const answer = await send(request(`lab-${number}`), bytes, delay)
          await sleep(20)
          // Its own event: an earlier one may have been recorded only now, after its connection was reset.
          const recorded = (await logOf(service.database)).some((one) => one.startsWith(`lab-${number}/`))
          const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)
          t.notOk(recorded && status >= 400, `recorded: ${recorded}, answered ${status} (after ${delay} ms)`)
          t.notOk(!recorded && status > 0 && status < 300, 'and nothing else is')
        }
      }
    })
  }
}

async function send(request: string, rest: string, delay: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.setNoDelay(true)
  // A reset is an end as well.
  const answer = text(socket).catch(() => '')
  socket.write(request)
  if (delay > 0) await sleep(delay)
  socket.write(rest)
  return answer
}

// The service listens, which would keep the file from ending by itself.
t.end()
