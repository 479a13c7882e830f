import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Lets this many bytes a second pass, so that a source has time for others. A stream through it reads no faster, because it waits until what it
 * brought has passed.
 */
export async function* paced(chunks: AsyncIterable<Buffer>, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const began = performance.now()
  let passed = 0
  for await (const chunk of chunks) {
    yield chunk
    passed += chunk.length
    const early = (passed / bytesPerSecond) * 1000 - (performance.now() - began)
    if (early > 5) await sleep(early)
  }
}
