/**
 * One stream for all tabs of a browser: a browser opens six connections to a host, and the seventh stream would keep every other request
 * waiting. The tab that holds the lock listens and tells the others; when it closes, the browser gives the lock to the next.
 */
import { effect, signal } from '@preact/signals'
import { apiKey } from '../data/api-key.ts'
import { readShell } from '../shell.ts'
import { hear, heardUpTo, hearHistory, recent } from './hear.ts'
import { listen } from './listen.ts'
import type { Change, News } from './news.ts'

/** A tab that nobody has seen for so many milliseconds leaves the stream to others, or to nobody. */
const unseenFor = 300_000

type Message =
  | { readonly kind: 'news'; readonly news: News }
  | { readonly kind: 'history'; readonly changes: readonly Change[] }
  /** A new tab asks what is known. */
  | { readonly kind: 'hello' }

/** @param alwaysStreams also where the browser has no locks, because nothing else is open there */
export function startLive(alwaysStreams: boolean): void {
  const { base, reading } = readShell()
  const takesPart = signal(!document.hidden)
  followVisibility(takesPart)
  const channel = new BroadcastChannel(`commitments.live ${base}`)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel, not a window
  const send = (message: Message) => channel.postMessage(message)
  let latest: News | null = null
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'news') hear(data.news)
    else if (data.kind === 'history') hearHistory(data.changes)
    else if (latest !== null) {
      send({ kind: 'history', changes: recent.peek() })
      send({ kind: 'news', news: { ...latest, changes: [] } })
    }
  })
  const tell = (news: News) => {
    latest = news
    send({ kind: 'news', news })
    hear(news)
  }
  effect(() => {
    const readable = reading === 'public' || apiKey.value !== null
    if (!takesPart.value || !readable) return undefined
    const leaving = new AbortController()
    const { signal } = leaving
    const lead = (streaming: boolean) => listen({ from: heardUpTo, tell, streaming, signal })
    send({ kind: 'hello' })
    void inTurn(`commitments.live ${base}`, signal, lead, alwaysStreams).finally(() => {
      latest = null
    })
    return () => leaving.abort()
  })
}

/** Browsers have locks only where the connection is secure. */
async function inTurn(
  name: string,
  signal: AbortSignal,
  lead: (streaming: boolean) => Promise<void>,
  alwaysStreams: boolean,
): Promise<void> {
  const { locks } = navigator as { readonly locks?: LockManager }
  if (locks === undefined) return lead(alwaysStreams)
  try {
    await locks.request(name, { signal }, () => lead(true))
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function followVisibility(takesPart: { value: boolean }): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer)
    if (!document.hidden) takesPart.value = true
    else
      timer = setTimeout(() => {
        takesPart.value = false
      }, unseenFor)
  })
}
