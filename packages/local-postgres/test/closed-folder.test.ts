import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from '@commitments/local-postgres'
import t from 'tap'
import { folder, isRoot, query } from './helper.ts'

const skip = !isRoot && 'only root cannot run Postgres as itself'

t.test('started as root, the server runs as another account', { skip }, async (t) => {
  const server = await startServer({ dataDirectory: join(folder(t), 'postgres') })
  t.after(() => server.stop())
  t.match(readFileSync(`/proc/${server.pid}/status`, 'utf8'), /Uid:\s+65534/)
})

t.test(
  'in a folder that others cannot read, the files lie in another stable place, which is named',
  { skip },
  async (t) => {
    const closed = folder(t)
    chmodSync(closed, 0o700)
    const dataDirectory = join(closed, 'postgres')
    const said: string[] = []
    const first = await startServer({ dataDirectory, notice: (line) => said.push(line) })
    t.after(() => rmSync(first.directory, { recursive: true, force: true }))
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS n')
    await first.stop()
    t.match(first.directory, /^\/var\/lib\/commitments\/databases\//)
    t.match(said.join('\n'), first.directory)
    t.notOk(existsSync(dataDirectory), 'no empty folder that looks as if the database lay in it')

    const second = await startServer({ dataDirectory })
    t.after(() => second.stop())
    t.equal(second.directory, first.directory)
    t.same(await query(second.url, 'SELECT n FROM kept'), [{ n: 1 }])
  },
)
