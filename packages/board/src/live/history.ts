/** What was recorded before this page was opened: the beginning of a stream from an earlier position, which a key that may only read can have. */
import type { LogPoint } from '@commitments/client'
import { authorization } from '../data/api-key.ts'
import { addressOf } from '../data/ask.ts'
import { blocksOf, changesIn, pointOf } from './blocks.ts'
import type { Change } from './news.ts'

const events = 30

export async function readHistory({ logId, position }: LogPoint, signal: AbortSignal): Promise<readonly Change[]> {
  const headers = { ...authorization(), Accept: 'text/event-stream' }
  const since = Math.max(0, position - events)
  const response = await fetch(addressOf('/v1/changes', { since }), { headers, signal })
  if (!response.ok || response.body === null || response.headers.get('Log-Id') !== logId) return []
  const changes: Change[] = []
  for await (const blocks of blocksOf(response.body)) {
    changes.push(...blocks.flatMap(changesIn))
    if (blocks.some(({ id }) => (pointOf(id)?.position ?? 0) >= position)) break
  }
  return changes
}
