import { type Answer, openConnection } from '../load/connection.ts'
import type { ReadTarget } from '../load/jobs.ts'
import { readRequest } from '../load/requests.ts'
import { secret } from './product.ts'

/** An answer about a proposal in the form in which the projection service gave it. */
export interface CapturedAnswer {
  proposalId: string
  path: string
  entityTag: string
  headers: Record<string, string>
  body: string
}

/** Gets the status of each proposal once. Throws if one does not exist. */
export function captureStatuses(port: number, proposalIds: readonly string[]): Promise<CapturedAnswer[]> {
  return captureAnswers(port, proposalIds, (proposalId) => `/v1/proposals/${proposalId}`)
}

/** Gets what is at a path of each proposal once. Throws if it is not there. */
export async function captureAnswers(
  port: number,
  proposalIds: readonly string[],
  pathOf: (proposalId: string) => string,
): Promise<CapturedAnswer[]> {
  const connection = await openConnection(port)
  const captured: CapturedAnswer[] = []
  for (const proposalId of proposalIds) {
    const path = pathOf(proposalId)
    const answer = await connection.request(readRequest(path, secret, null), true)
    if (answer.status !== 200) throw new Error(`GET ${path} got ${answer.status}: ${answer.body?.toString()}`)
    captured.push({ proposalId, path, ...partsOf(answer) })
  }
  connection.close()
  return captured
}

/** Reads of all these answers for a load generator: complete (200), or confirmed as still current (304). */
export function targetsOf(answers: readonly CapturedAnswer[], status: 200 | 304): ReadTarget[] {
  return answers.map(({ path, entityTag, body }) =>
    status === 200
      ? { path, entityTag: null, status, bodyBytes: Buffer.byteLength(body) }
      : { path, entityTag, status, bodyBytes: 0 },
  )
}

/** Headers that every server sets for itself. */
const ownHeaders = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding'])

function partsOf(answer: Answer): Pick<CapturedAnswer, 'entityTag' | 'headers' | 'body'> {
  const lines = answer.head.trimEnd().split('\r\n').slice(1)
  const all = lines.map(
    (line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const,
  )
  const headers = Object.fromEntries(all.filter(([name]) => !ownHeaders.has(name)))
  return { entityTag: headers['etag'] ?? '', headers, body: answer.body?.toString() ?? '' }
}
