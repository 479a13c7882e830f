/** Reads an event stream with `fetch`: unlike `EventSource`, that sends a key, and shows comments, which are the signs of life. */

import type { LogPoint } from '@commitments/client'
import type { Change } from './news.ts'

/** One block of the stream (HTML Living Standard, 9.2.6). A block that has neither id nor data is a sign of life. */
interface Block {
  readonly id: string | null
  readonly event: string
  readonly data: string | null
}

/** The blocks of each piece that arrives, together. */
export async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<readonly Block[]> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      yield blocks.map(blockOf)
    }
  } finally {
    // Without it, the connection stays open after the last reader has gone.
    await reader.cancel().catch(() => undefined)
  }
}

function blockOf(text: string): Block {
  const fields = text.split('\n').map((line) => /^(id|event|data): ?(.*)$/.exec(line) ?? [])
  const valueOf = (name: string) => fields.find(([, field]) => field === name)?.[2] ?? null
  return { id: valueOf('id'), event: valueOf('event') ?? 'message', data: valueOf('data') }
}

/** The place in the log that an id names. */
export function pointOf(id: string | null): LogPoint | null {
  const [, logId, position] = /^(.*):(\d+)$/.exec(id ?? '') ?? []
  return logId === undefined ? null : { logId, position: Number(position) }
}

/** The change in a block, if it has one. */
export function changesIn({ event, data }: Block): Change[] {
  return event === 'message' && data !== null ? [JSON.parse(data) as Change] : []
}
