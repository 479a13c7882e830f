/** A long proposal is read and written a little at a time, so that everybody else is served in between. */
import { type EventBody, eventsASlice, type RecordedEvent, type Sliced } from '@commitments/domain'
import { agreed, example, exampleZone, funded, proposed, recorded } from '@commitments/test-kit/domain'
import t from 'tap'
import { type Course, fileBegin, fileEnd, readCourse, writeActivity } from '../src/index.ts'
import { alone, findings, head, portfolioSettings, publicationOf } from './support.ts'

const publication = publicationOf({ ...portfolioSettings, sectors: { health: '12182' } })

const begun = [proposed({ fields: ['health'], planned: { start: '2024' } }), agreed()]

function streamOf(bodies: readonly EventBody[]): RecordedEvent[] {
  return bodies.map((body, index) => recorded(body, { proposalId: 'lab', version: index + 1, position: index + 1 }))
}

/** What sliced work gives, and how many turns it took. */
function counted<Result>(work: Sliced<Result>): { readonly result: Result; readonly turns: number } {
  for (let turns = 1; ; turns += 1) {
    const next = work.next()
    if (next.done === true) return { result: next.value, turns }
  }
}

function made(bodies: readonly EventBody[]) {
  const course = counted(readCourse(streamOf(bodies), null, exampleZone))
  const activity = counted(writeActivity(course.result as Course, publication, alone))
  return { xml: activity.result.xml, turns: { course: course.turns, activity: activity.turns } }
}

/** Proposals that are long in one thing each, and the elements that show it. */
const long: Readonly<Record<string, { readonly elements: string; readonly bodies: (count: number) => EventBody[] }>> = {
  payments: {
    elements: 'transaction',
    bodies: (count) => [
      ...begun,
      funded(),
      ...numbered(count, (number) =>
        example('disbursed', { transaction: `payment-${number}`, amount: { value: '1', currency: 'USD' } }),
      ),
    ],
  },
  evidence: {
    elements: 'document-link',
    bodies: (count) => [
      ...begun,
      ...numbered(count, (number) => ({
        ...example('risk-flagged'),
        evidence: [{ kind: 'web-page', title: 'A page', url: `https://a.example/${number}`, supports: 'The risk' }],
      })),
    ],
  },
  'reports of one indicator': {
    elements: 'period',
    bodies: (count) => [
      ...begun,
      ...numbered(count, (number) =>
        example('indicator-reported', { period: `${1000 + number}`, baseline: '1', actual: '2' }),
      ),
    ],
  },
  milestones: {
    elements: 'indicator',
    bodies: (count) => [
      ...begun,
      ...numbered(count, (number) => example('milestone-planned', { milestone: `milestone-${number}` })),
    ],
  },
  'contributions in kind': {
    elements: 'description type="4"',
    bodies: (count) => [...begun, ...numbered(count, () => example('contributed-in-kind'))],
  },
}

function numbered(count: number, make: (number: number) => EventBody): EventBody[] {
  return Array.from({ length: count }, (_, number) => make(number))
}

for (const [what, { elements, bodies }] of Object.entries(long))
  t.test(`a proposal with many ${what} takes turns in proportion, and none of them writes much`, async (t) => {
    const [some, many] = [made(bodies(200)), made(bodies(800))]
    t.ok(many.turns.course >= 800 / eventsASlice, `${many.turns.course} turns to read`)
    t.ok(many.turns.activity >= 800 / eventsASlice, `${many.turns.activity} turns to write`)
    t.ok(many.turns.activity > 2 * some.turns.activity, `${some.turns.activity} turns for a quarter`)
    const shown = (xml: string) => xml.match(new RegExp(`<${elements}[ >]`, 'g'))?.length ?? 0
    t.equal(shown(many.xml) - shown(some.xml), 600)
    t.same(findings(fileBegin(head) + many.xml + fileEnd), [])
  })

t.test('a long element has the bytes of its parts, one after the other', async (t) => {
  const parts = (xml: string) => xml.match(/<transaction .*?<\/transaction>/gs) ?? []
  const bodies = long['payments']?.bodies ?? (() => [])
  const [short, longer] = [made(bodies(2)), made(bodies(600))]
  t.same(parts(longer.xml).slice(0, 3), parts(short.xml))
  const without = (xml: string) => parts(xml).reduce((rest, part) => rest.replace(part, ''), xml)
  const same = (xml: string) => without(xml).replaceAll(/c:position="\d+"|last-updated-datetime="[^"]*"/g, '')
  t.equal(same(longer.xml), same(short.xml))
})

t.test('a course keeps the states that an ending found, and no others', async (t) => {
  const { result } = counted(readCourse(streamOf([...begun, funded(), example('ended')]), null, exampleZone))
  t.same(
    result?.steps.map(({ linesBefore }) => linesBefore.length),
    [0, 0, 0, 1],
  )
})
