import { once } from 'node:events'
import { freePort } from '@commitments/test-kit'

/** A way to look at the heap of a process that was started with its flags. */
export interface HeapWatch {
  readonly flags: readonly string[]
  /** Connects to the process, which must run by then. */
  open(): Promise<OpenHeapWatch>
}

interface OpenHeapWatch {
  /** Bytes that the process holds after a full collection of its garbage: its objects, and what they keep outside of V8's heap. */
  live(): Promise<number>
  close(): void
}

/** By the debugging protocol of V8: the program itself knows nothing of it. */
export async function watchHeap(): Promise<HeapWatch> {
  const port = await freePort()
  return { flags: [`--inspect=127.0.0.1:${port}`], open: () => openWatch(port) }
}

interface Usage {
  readonly usedSize: number
  readonly backingStorageSize: number
}

async function openWatch(port: number): Promise<OpenHeapWatch> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string
  }[]
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '')
  await once(socket, 'open')
  let last = 0
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
    if (id !== undefined) waiting.get(id)?.resolve(result)
  })
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the process whose heap is watched has ended'))
  })
  const call = (method: string) => {
    const answer = Promise.withResolvers<unknown>()
    const id = ++last
    waiting.set(id, answer)
    socket.send(JSON.stringify({ id, method }))
    return answer.promise.finally(() => waiting.delete(id))
  }
  return {
    live: async () => {
      await call('HeapProfiler.collectGarbage')
      const { usedSize, backingStorageSize } = (await call('Runtime.getHeapUsage')) as Usage
      return usedSize + backingStorageSize
    },
    close: () => socket.close(),
  }
}
