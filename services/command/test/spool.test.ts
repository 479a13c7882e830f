import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Spool } from '../src/routes/spool.ts'

const usual = { memoryBytes: 1_000, fileBytes: 400_000, folder: tmpdir(), warn: () => {} }

async function giveAll(spool: Spool, texts: readonly string[], pauseEvery: number): Promise<void> {
  for (const [index, text] of texts.entries()) {
    await spool.give(text)
    if (index % pauseEvery === 0) await nextTurn()
  }
  spool.end()
}

t.test('what the giver writes is taken in order, whichever of the two is faster', async (t) => {
  const texts = Array.from({ length: 20_000 }, (_, index) => `${index} ${'é'.repeat(index % 70)}\n`)
  for (const [pauseEvery, restEvery] of [
    [1, 1_000_000],
    [100, 3],
    [1_000_000, 1],
    [7, 5],
  ] as const) {
    const room = { ...usual }
    const spool = new Spool(room)
    const giving = giveAll(spool, texts, pauseEvery)
    const taken: Buffer[] = []
    for await (const part of spool.take()) {
      taken.push(Buffer.from(part as string))
      if (taken.length % restEvery === 0) await nextTurn()
    }
    await giving
    t.ok(Buffer.concat(taken).toString() === texts.join(''), `${pauseEvery}, ${restEvery}`)
    t.equal(room.fileBytes, usual.fileBytes, 'the room is given back')
  }
})

t.test('it says when it is full, takes no more, and has no name in the folder', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'spool-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const spool = new Spool({ ...usual, folder })
  let standstills = 0
  spool.onStandstill = () => {
    standstills += 1
  }
  let given = 0
  const giving = (async () => {
    for (; given < 100; given += 1) await spool.give('x'.repeat(20_000))
    spool.end()
  })()
  while (!spool.full) await nextTurn()
  t.ok(given * 20_000 < usual.fileBytes + usual.memoryBytes + 200_000)
  t.equal(standstills, 1)
  t.strictSame(readdirSync(folder), [])
  let size = 0
  for await (const part of spool.take()) size += part.length
  await giving
  t.equal(size, 2_000_000)
})

t.test('if the taker leaves, the giver continues, and a fault comes after all texts', async (t) => {
  const left = new Spool({ ...usual })
  const giving = giveAll(left, Array<string>(50).fill('x'.repeat(20_000)), 1)
  for await (const _ of left.take()) break
  await giving
  t.ok(left.closed)

  const faulty = new Spool({ ...usual })
  await faulty.give('text')
  faulty.end(new Error('cut'))
  const taker = faulty.take()
  t.strictSame(await taker.next(), { value: 'text', done: false })
  await t.rejects(taker.next(), { message: 'cut' })
})
