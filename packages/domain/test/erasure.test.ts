import {
  decodeLine,
  type EventBody,
  type EventDefinition,
  type EventType,
  encodeRest,
  erasedBody,
  erasedText,
  eraseLine,
  eventDefinitions,
  foldAsOf,
  foldStream,
  maxSplicedBytes,
  RecordedEvent,
} from '@commitments/domain'
import { accepted, example, exampleZone, given, recorded, refused, search } from '@commitments/test-kit/domain'
import { streams } from '@commitments/test-kit/random-histories'
import * as fc from 'fast-check'
import t from 'tap'

const by = '01935000-0000-7000-8000-00000000abcd'
const leafHash = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg='
const definitions: readonly EventDefinition[] = eventDefinitions

function erasedIn(stream: readonly RecordedEvent[], which: (event: RecordedEvent) => boolean): RecordedEvent[] {
  const typeOf = (version: number) => stream[version - 1]?.type
  return stream.map((event) => (which(event) ? decodeLine(eraseLine(event, { by, leafHash, typeOf })) : event))
}

function recordOfErasure(version: number): EventBody {
  const data = {
    events: [{ version, position: version, leafHash }],
    reason: { en: 'A mistake' },
    decidedBy: { en: 'The office' },
    proposedBy: 'key:a',
  }
  return { type: 'erased', occurredOn: null, data }
}

/** Every value that differs between two states: their paths, and both values. */
function* differences(
  one: unknown,
  other: unknown,
  path = '',
): Generator<{ path: string; one: unknown; other: unknown }> {
  if (typeof one === 'object' && one !== null && typeof other === 'object' && other !== null) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)])
    for (const name of names) yield* differences((one as never)[name], (other as never)[name], `${path}/${name}`)
  } else if (one !== other) yield { path, one, other }
}

/** The texts of a value that are not ids, codes, dates, numbers or amounts. */
const texts = /[A-Z].* |\s|[^\x20-\x7e]/

t.test('an erased event of every type is still an event of its type, by its schema', async (t) => {
  for (const { type } of definitions) {
    const event = recorded(
      { ...example(type as EventType), note: { en: 'A note with Mr Secret' }, correlationId: 'case of Secret' },
      { version: 2 },
    )
    const line = eraseLine(event, { by, leafHash, typeOf: () => 'proposed' })
    t.ok(line.startsWith(`{"position":2,"erased":{"by":"${by}"},"leafHash":"${leafHash}","recordedAt":`), type)
    const read = decodeLine(line)
    t.match(RecordedEvent.safeParse(read), { success: true }, `${type} ${line}`)
    t.equal(read.nonce, undefined)
    t.notMatch(line, /Secret|nonce|signature|correlationId|"note"/, type)
  }
})

t.test('no text of any example of any type is left, and what is left says nothing in words', async (t) => {
  for (const { type, data } of definitions) {
    for (const one of (data.meta()?.examples ?? []) as unknown[]) {
      const event = recorded({ type, occurredOn: '2024-07', data: one } as never, { version: 3 })
      const left = JSON.parse(eraseLine(event, { by, leafHash, typeOf: () => 'proposed' })).data
      const strings: string[] = []
      JSON.stringify(left, (_name, value) => (typeof value === 'string' ? (strings.push(value), value) : value))
      for (const text of strings) if (text !== erasedText) t.notMatch(text, texts, `${type}: ${text}`)
    }
  }
})

t.test('addresses and digests of evidence are left out, its dates and its number stay', async (t) => {
  const evidence = [
    {
      title: 'Letter of Mr Secret',
      publisher: 'Secret Ltd',
      publishedOn: '2024-01',
      language: 'vi',
      url: 'https://example.org/secret',
      digest: `sha256:${'a'.repeat(64)}`,
      supports: 'Mr Secret says so.',
      partial: true,
    },
  ]
  const [read] = erasedIn([recorded(example('proposed', undefined, { evidence }))], () => true)
  t.same(read?.evidence, [
    { title: '█', publisher: '█', publishedOn: '2024-01', language: 'vi', supports: '█', partial: true },
  ])
})

t.test('the right data of a correction are erased by the type of the event that they correct', async (t) => {
  const data = { ...example('proposed').data, title: { en: 'Secret' } }
  const corrected = example('corrected', { reason: { en: 'Wrong' }, corrections: [{ event: 1, data }] })
  const stream = [recorded(example('proposed')), recorded(corrected, { version: 2 })]
  const [, read] = erasedIn(stream, ({ version }) => version === 2)
  t.match(read?.data, {
    reason: { en: '█' },
    corrections: [{ event: 1, data: { kind: data.kind, title: { en: '█' } } }],
  })
})

t.test('a repeated request is the same as its erased event as far as can be compared', async (t) => {
  const { proposalId, type, occurredOn, data, evidence, assertedBy } = recorded(example('proposed')) as never as Record<
    string,
    unknown
  >
  const body = { proposalId, type, occurredOn, data, evidence, assertedBy } as never
  t.same(erasedBody(erasedBody(body)), erasedBody(body))
})

t.test('whatever is erased of whatever history, it folds to the same state, except for texts', async (t) => {
  fc.assert(
    fc.property(streams, fc.infiniteStream(fc.boolean()), (stream, choices) => {
      const chosen = stream.map(() => choices.next().value)
      const erased = erasedIn(stream, ({ version }) => chosen[version - 1] === true)
      for (const fold of [
        (events: RecordedEvent[]) => foldStream(events, exampleZone),
        (events: RecordedEvent[]) => foldAsOf(events, '2020-06-01', exampleZone),
      ]) {
        for (const { path, other } of differences(fold(stream), fold(erased)))
          if (other !== erasedText && other !== '-') throw new Error(`${path}: ${JSON.stringify(other)}`)
      }
      return true
    }),
    search(t),
  )
})

t.test('the record of an erasure changes nothing in the state but its version, place and time', async (t) => {
  const first = recorded(example('proposed'))
  const record = recorded(recordOfErasure(1), { version: 2, position: 9 })
  t.match(RecordedEvent.safeParse(record), { success: true })
  const found = [...differences(foldStream([first], exampleZone), foldStream([first, record], exampleZone))]
  t.same(found.map(({ path }) => path).toSorted(), ['/position', '/version'])
})

t.test(
  'neither a retraction nor a correction touches the record of an erasure, also beside other events',
  async (t) => {
    const history = given(example('proposed'), example('confirmed')).unjudged(recordOfErasure(2))
    const corrections = [
      { event: 2, occurredOn: '2024' },
      { event: 3, data: {} },
    ]
    for (const body of [
      example('retracted', { events: [3] }),
      example('retracted', { events: [2, 3] }),
      example('corrected', { corrections: [{ event: 3, occurredOn: '2024' }] }),
      example('corrected', { corrections }),
    ])
      t.match(history.when(body).expect(t, refused('erasure-stands')), { version: 3 })
    history.when(example('retracted', { events: [2] })).expect(t, accepted)
    history.when(example('contested', { event: 3 })).expect(t, accepted)
  },
)

t.test('a log that has retracted the record of an erasure folds, and goes on', async (t) => {
  const before = given(example('proposed'), example('confirmed')).unjudged(recordOfErasure(2))
  const history = before.unjudged(example('retracted', { events: [3] }))
  const { version: _version, position: _position, evidenceCount: _evidence, ...state } = before.proposal ?? {}
  t.match(history.proposal, state)
  history.when(example('retracted', { events: [2] })).expect(t, accepted)
})

t.test('no line becomes longer than a line may be, however short its texts are', async (t) => {
  const tags =
    'en vi ko fr de es it pt ru ar zh ja th lo km my id ms sv hi bn ta te ur fa tr pl cs sk hu ro bg el'.split(' ')
  const title = Object.fromEntries(tags.map((tag) => [tag, 'a']))
  const items = Array.from({ length: 200 }, (_, item) => ({ item: item + 1, title }))
  const event = recorded({ ...example('agenda-set'), data: { items }, evidence: [], assertedBy: 'most-vn' })
  const [read] = erasedIn([event], () => true)
  t.match(read, { data: { items: [{ title: { en: '-', vi: '-' } }] } })
  const { position, recordedAt, ...rest } = { ...event, nonce: 'n'.repeat(22) }
  const most = (line: string) => line.length + (String(Number.MAX_SAFE_INTEGER).length - String(position).length)
  const erased = eraseLine(event, { by, leafHash, typeOf: () => undefined })
  t.ok(most(erased) <= encodeRest(rest).length + maxSplicedBytes, `${erased.length}`)
  t.ok(recordedAt.length > 0)
})
