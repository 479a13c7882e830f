import { execFileSync } from 'node:child_process'
import t from 'tap'
import { Bag } from '../src/limits/bag.ts'

const member = (name: string) => ({ name, place: -1 })
const names = (bag: Bag<{ name: string; place: number }>) => [...bag].map(({ name }) => name).toSorted()

t.test('a bag has what was added and not deleted, once', async (t) => {
  const bag = new Bag<{ name: string; place: number }>()
  const [a, b, c] = [member('a'), member('b'), member('c')]
  for (const one of [a, b, c, b]) bag.add(one)
  t.same(names(bag), ['a', 'b', 'c'])
  t.equal(bag.delete(a), true)
  t.equal(bag.delete(a), false, 'it is there no more')
  t.same(names(bag), ['b', 'c'])
  t.equal(bag.delete(member('never added')), false)
  t.equal(bag.delete(c), true)
  t.equal(bag.delete(b), true)
  t.equal(bag.size, 0)
  bag.add(a)
  t.same(names(bag), ['a'], 'it can come back')
})

t.test('members can be deleted while a bag is gone through', async (t) => {
  const bag = new Bag<{ name: string; place: number }>()
  for (const name of ['a', 'b', 'c', 'd']) bag.add(member(name))
  const seen: string[] = []
  for (const one of bag) {
    seen.push(one.name)
    bag.delete(one)
  }
  t.same(seen.toSorted(), ['a', 'b', 'c', 'd'])
  t.equal(bag.size, 0)
})

/** Prints how many megabytes the old generation grows by while 50,000 members of 4 KB come and go, 64 at a time. */
const churn = (make: string) => `
  import { getHeapSpaceStatistics } from 'node:v8'
  ${make}
  const old = () => getHeapSpaceStatistics().find((space) => space.space_name === 'old_space').space_used_size
  const present = []
  const enter = () => {
    const member = { place: -1, holds: new Array(500).fill(0) }
    all.add(member)
    if (present.push(member) > 64) all.delete(present.shift())
  }
  for (let n = 0; n < 10; n++) enter()
  // Twice: now the container is in the old generation.
  gc()
  gc()
  const before = old()
  for (let n = 0; n < 50_000; n++) enter()
  console.log((old() - before) / 2 ** 20)
`

/** Without full collections. */
function growth(make: string): number {
  const flags = ['--expose-gc', '--max-semi-space-size=16', '--initial-old-space-size=1000', '--input-type=module']
  return Number(execFileSync(process.execPath, [...flags, '-e', churn(make)], { encoding: 'utf8' }))
}

t.test(
  'members that are gone are not kept in the old generation by those that come after them, as by a Set',
  async (t) => {
    const path = JSON.stringify(new URL('../src/limits/bag.ts', import.meta.url).href)
    const ofBag = growth(`import { Bag } from ${path}; const all = new Bag()`)
    const ofSet = growth('const all = new Set()')
    t.ok(ofBag < 10, `${ofBag} MB`)
    t.ok(ofSet > 10 * ofBag, `${ofSet} MB: what the bag is for; if a Set does as well by now, the bag can go`)
  },
)
