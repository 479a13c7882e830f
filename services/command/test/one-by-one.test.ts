/** Wishes for one proposal wait for each other. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { createLines, oneByOne } from '../src/recorder/one-by-one.ts'
import { Overloaded } from '../src/recorder/requests.ts'

t.test('work for one proposal is done one after the other, as it came; that for another does not wait', async (t) => {
  const lines = createLines()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const doing = (proposalId: string, name: string, wait?: Promise<void>) =>
    oneByOne(lines, { proposalId, caller: 'key:a' }, async () => {
      await wait
      done.push(name)
      if (name === 'fails') throw new Error('refused')
    })
  const first = doing('lab', 'first', gate.promise)
  const fails = doing('lab', 'fails')
  const last = doing('lab', 'last')
  await doing('school', 'school')
  t.same(done, ['school'])
  gate.resolve()
  await first
  await t.rejects(fails, /refused/, 'one that is refused keeps nobody waiting')
  await last
  t.same(done, ['school', 'first', 'fails', 'last'])
  t.equal(lines.last.size, 0, 'nothing is kept')
  t.equal(lines.waiting.size, 0)
})

t.test('those that wait are bounded, and one caller does not take the places of the others', async (t) => {
  const lines = createLines()
  const gate = Promise.withResolvers<void>()
  const wishOf = (caller: string) => oneByOne(lines, { proposalId: 'lab', caller }, () => gate.promise)
  const all = [wishOf('key:a'), ...Array.from({ length: 64 }, () => wishOf('key:a'))]
  await t.rejects(wishOf('key:a'), Overloaded)
  for (const caller of ['key:b', 'key:c', 'key:d']) all.push(...Array.from({ length: 64 }, () => wishOf(caller)))
  await t.rejects(wishOf('key:e'), Overloaded, 'in all')
  gate.resolve()
  await Promise.all(all)
  await nextTurn()
  await t.resolves(wishOf('key:e'))
})
