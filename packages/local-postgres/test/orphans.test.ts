import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from '@commitments/local-postgres'
import { eventually } from '@commitments/test-kit'
import t from 'tap'
import { folder, isRoot, killed, launcher, query, runs, server } from './helper.ts'

t.test('kill -9 of the parent leaves no server, and the folder can be used at once', async (t) => {
  const dataDirectory = folder(t)
  const parent = await launcher(t, dataDirectory)
  await query(parent.url, 'CREATE TABLE kept AS SELECT 1 AS n')
  await killed(parent.process)
  const next = await server(t, { dataDirectory })
  t.same(await query(next.url, 'SELECT n FROM kept'), [{ n: 1 }])
  t.notOk(runs(parent.pid), 'the server of the killed parent is gone')
})

t.test('kill -9 of the parent stops the server even if no next one is started', async (t) => {
  const parent = await launcher(t, folder(t))
  await killed(parent.process)
  await eventually(() => !runs(parent.pid))
})

t.test('after kill -9 of parent and server at once the folder can be used', async (t) => {
  const dataDirectory = folder(t)
  const parent = await launcher(t, dataDirectory)
  process.kill(parent.pid, 'SIGKILL')
  await killed(parent.process)
  const next = await server(t, { dataDirectory })
  t.same(await query(next.url, 'SELECT 1 AS n'), [{ n: 1 }])
})

t.test('two processes cannot use one folder', async (t) => {
  const dataDirectory = folder(t)
  const parent = await launcher(t, dataDirectory)
  await t.rejects(startServer({ dataDirectory }), {
    name: 'FolderInUse',
    message: new RegExp(`in use by process ${parent.process.pid}`),
  })
})

t.test('a stale process id that now belongs to another program does not block the folder', async (t) => {
  const dataDirectory = folder(t)
  const first = await startServer({ dataDirectory })
  const note = join(first.directory, 'cluster/postmaster.pid')
  const text = readFileSync(note, 'utf8')
  await first.stop()
  writeFileSync(note, text.replace(/^\d+/, String(process.pid)))
  await server(t, { dataDirectory })
})

t.test('an initialisation that was killed in the middle is repeated', async (t) => {
  const dataDirectory = folder(t)
  mkdirSync(join(dataDirectory, 'cluster.unfinished/base'), { recursive: true })
  await server(t, { dataDirectory })
})

t.test(
  'started without root, the server runs as the same user',
  { skip: !isRoot && 'needs root to be another' },
  async (t) => {
    const dataDirectory = folder(t)
    chownSync(dataDirectory, 1, 1)
    const parent = await launcher(t, dataDirectory, { uid: 1, gid: 1 })
    t.equal(parent.directory, dataDirectory)
    t.match(readFileSync(`/proc/${parent.pid}/status`, 'utf8'), /Uid:\s+1\s/)
    await killed(parent.process)
    const asRoot = await server(t, { dataDirectory })
    t.match(readFileSync(`/proc/${asRoot.pid}/status`, 'utf8'), /Uid:\s+1\s/, 'root goes on as the owner of the files')
  },
)
