import t from 'tap'
import { readingEach } from '../src/routes/reading.ts'

async function* failing(error: Error): AsyncGenerator<string> {
  yield 'first'
  throw error
}

async function all(values: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const value of values) found.push(value)
  return found
}

t.test(
  'a download whose database cannot be reached is 503, as every other read; another fault stays one',
  async (t) => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    })
    await t.rejects(all(readingEach(failing(refused))), { code: 'unavailable', cause: refused })
    const ours = new Error('a mistake of ours')
    await t.rejects(all(readingEach(failing(ours))), ours)
  },
)
