/** Panels that send the same request at the same time share it. */

interface Running {
  readonly work: Promise<unknown>
  readonly stop: AbortController
  users: number
}

const running = new Map<string, Running>()

/** Ends for a caller when its signal fires; the work itself ends when nobody waits for it any more. */
export function shared<Value>(
  key: string,
  signal: AbortSignal,
  begin: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const current = running.get(key) ?? start(key, begin)
  current.users += 1
  return new Promise<Value>((resolve, reject) => {
    const leave = () => {
      current.users -= 1
      if (current.users === 0) {
        running.delete(key)
        current.stop.abort()
      }
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', leave, { once: true })
    const settled = () => signal.removeEventListener('abort', leave)
    void pass()
    async function pass(): Promise<void> {
      try {
        resolve((await current.work) as Value)
      } catch (error) {
        reject(error)
      } finally {
        settled()
      }
    }
  })
}

function start<Value>(key: string, begin: (signal: AbortSignal) => Promise<Value>): Running {
  const stop = new AbortController()
  const work = begin(stop.signal).finally(() => {
    if (running.get(key)?.stop === stop) running.delete(key)
  })
  // Every waiting caller gets the error; without callers, it needs no handling.
  work.catch(() => undefined)
  const made = { work, stop, users: 0 }
  running.set(key, made)
  return made
}
