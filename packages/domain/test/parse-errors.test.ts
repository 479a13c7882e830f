import { EventBody, eventTypes, parseBulkLine, parseErrors, parseEventBody } from '@commitments/domain'
import { example } from '@commitments/test-kit/domain'
import t from 'tap'
import { z } from 'zod'

function sentences(value: unknown): string[] {
  const parsed = parseEventBody(value)
  return parsed.ok ? [] : parsed.errors.map(({ path, message }) => `${path} ${message}`)
}

/** A body of an event with these members instead of the right ones. */
function withData(type: Parameters<typeof example>[0], data: object) {
  const body = example(type)
  return { ...body, data: { ...body.data, ...data } }
}

t.test('a missing member is called missing, and then the message says what it must be', async (t) => {
  for (const schema of (EventBody as unknown as { options: z.ZodObject[] }).options) {
    const [body] = (schema.meta()?.examples ?? []) as { data: Record<string, unknown> }[]
    for (const member of ['type', 'occurredOn', 'data']) {
      const found = sentences({ ...body, [member]: undefined })
      t.match(found, [new RegExp(`^${member} is missing; it must be `)], `${schema.meta()?.id} without ${member}`)
    }
    const data = schema.shape['data'] as z.ZodObject
    for (const [member, inner] of Object.entries(data.shape)) {
      if ((inner as z.ZodType).safeParse(undefined).success) continue
      const found = sentences({ ...body, data: { ...body?.data, [member]: undefined } })
      const missing = found.filter((text) => text.startsWith(`data.${member} is missing; it must be `))
      t.equal(missing.length, 1, `${schema.meta()?.id} without data.${member}: ${found.join(' | ')}`)
    }
  }
  t.match(sentences({ ...example('funded'), data: { ...example('funded').data, receiver: undefined } }), [
    /^data\.receiver is missing; it must be a slug, such as most-vn/,
  ])
  const line = parseBulkLine(example('agreed'))
  t.match(line, { ok: false, errors: [{ path: 'proposalId', message: /^is missing; it must be a slug/ }] })
})

t.test('a present member is not called missing, and its value is repeated if it is short', async (t) => {
  t.match(sentences({ ...example('agreed'), occurredOn: 'soon' }), [/^occurredOn must be a date .*, not "soon"$/])
  t.match(sentences(withData('funded', { line: 'Kr grant' })), [/^data\.line must be a slug.*, not "Kr grant"$/])
  t.match(sentences(withData('funded', { line: null })), [/, not null$/])
  t.match(sentences(withData('funded', { line: 'x'.repeat(5_000) })), [/letter or digit$/])
  t.match(sentences(withData('funded', { amount: { value: 5, currency: 'usd' } })), [
    /^data\.amount\.value must be a positive decimal number as text.*, not 5$/,
    /^data\.amount\.currency must be a currency code.*, not "usd"$/,
  ])
  t.match(sentences([]), [/^ must be an object with type, occurredOn and data, not a list$/])
})

t.test('a list says what it is a list of, and an object without members says so', async (t) => {
  const cases: [object, string][] = [
    [withData('ended', { by: undefined }), 'data.by is missing; it must be a list of at most 200 ids of parties'],
    [
      withData('agreed', { parties: 'most-vn' }),
      'data.parties must be a list of 1 to 200 ids of parties, not "most-vn"',
    ],
    [withData('proposed', { parties: [] }), 'data.parties must be a list of 1 to 200 parties'],
    [withData('proposed', { fields: 5 }), 'data.fields must be a list of at most 50 fields, not 5'],
    [
      withData('proposed', { requestedFunding: {} }),
      'data.requestedFunding must be a list of at most 100 requests for funding, not an object',
    ],
    [
      { ...example('agreed'), evidence: 'a letter' },
      'evidence must be a list of at most 100 pieces of evidence, not "a letter"',
    ],
    [{ ...example('closed'), data: undefined }, 'data is missing; it must be an object without members'],
    [withData('closed', { reason: 'x' }), 'data.reason is not a known member; none is'],
  ]
  for (const [body, sentence] of cases) t.same(sentences(body), [sentence])
})

t.test('a type that is another tool’s word gets a hint to the event that records it', async (t) => {
  const meant: Record<string, string> = {
    cancelled: '"ended" with ending cancelled',
    canceled: '"ended" with ending cancelled',
    withdrawn: '"ended" with ending withdrawn',
    propose: '"proposed"',
    Proposed: '"proposed"',
    fund: '"funded"',
    disburse: '"disbursed"',
    milestone_planned: '"milestone-planned"',
    parent: '"linked" with relation child',
    child: '"linked" with relation child',
    met: '"milestone-reached" with outcome met',
    adopted: '"agenda-item-resolved" with outcome adopted',
    signature: '"consented" with act signature',
    memorandum: '"proposed" with kind memorandum',
    signed: '"agreed"',
    postponed: '"rescheduled"',
  }
  for (const [type, hint] of Object.entries(meant)) {
    const [found = ''] = sentences({ ...example('agreed'), type })
    t.match(
      found,
      new RegExp(
        `^type is not a type of event: did you mean ${hint}.* It must be one of agenda-item-resolved, .*, not "${type}"$`,
      ),
      type,
    )
  }
  for (const type of ['zzzzzz', '', 'x'.repeat(3_000), 5, null, '__proto__', 'constructor'])
    t.notMatch(sentences({ ...example('agreed'), type })[0], /did you mean/, String(type).slice(0, 20))
})

t.test('a misspelt word or member, or one of another event, gets a hint', async (t) => {
  t.match(sentences(withData('linked', { relation: 'parent' })), [
    /^data\.relation must be one of child, .*record "linked" with relation child on the part.*, not "parent"$/,
  ])
  t.match(sentences(withData('linked', { relation: 'supercedes' })), [/did you mean "supersedes"\?/])
  t.match(sentences(withData('proposed', { kind: 'memorandom' })), [/did you mean "memorandum"\?/])
  t.match(sentences(withData('updated', { kind: 'forum' })), [/^data\.kind is not a known member.*"corrected"/])
  t.match(sentences(withData('updated', { end: '2030' })), [
    /^data\.end is not a known member.*"rescheduled", or "corrected"/,
  ])
  t.match(sentences(withData('proposed', { titel: { en: 'x' } })), [
    /^data\.titel is not a known member.*did you mean "title"\?/,
  ])
  const two = sentences(withData('proposed', { titel: { en: 'x' }, sumary: { en: 'x' } }))
  t.match(two, [/\(did you mean "title"\?\);/, /\(did you mean "summary"\?\);/])
})

t.test('a hint in parentheses is a clause, and the sentence continues after it', async (t) => {
  const hinted = [
    withData('updated', { kind: 'forum', parties: [], parent: 'x', agenda: {}, stage: 'agreed' }),
    withData('updated', { ending: 'void', terms: {}, start: '2030', end: '2030' }),
    withData('linked', { relation: 'parent' }),
    withData('linked', { relation: 'follows' }),
  ]
  for (const sentence of hinted.flatMap(sentences)) {
    t.match(sentence, /\(.*\)/)
    t.notMatch(sentence, /\.\)/)
  }
})

t.test('words that other lists use get a hint to the intended word', async (t) => {
  const meant = [
    [withData('proposed', { kind: 'mou' }), '"memorandum"'],
    [withData('agreed', { form: 'mou' }), '"memorandum"'],
    [withData('ended', { ending: 'closed' }), 'record "closed"'],
    [withData('ended', { ending: 'completed' }), 'record "delivered"'],
    [withData('ended', { ending: 'rejected' }), '"declined"'],
    [withData('party-joined', { roles: ['donor'] }), '"funder"'],
    [withData('party-joined', { roles: ['recipient'] }), '"beneficiary"'],
  ] as const
  for (const [body, hint] of meant) t.match(sentences(body)[0], new RegExp(`\\(.*${hint}.*\\), not "`), hint)
})

t.test('invisible characters of a value are escaped in the sentence', async (t) => {
  const [found = ''] = sentences(withData('proposed', { title: { en: '\u200b\u3164\u{e0041} \u00a0' } }))
  t.match(found, /not "\\u200b\\u3164\\udb40\\udc41 \\u00a0"$/)
  const [seen = ''] = sentences(withData('proposed', { kind: 'bản ghi nhớ 양해각서' }))
  t.match(seen, /not "bản ghi nhớ 양해각서"$/)
})

t.test('no sentence is the validator’s own: zod’s messages are put into our words', async (t) => {
  const schema = z.strictObject({
    stage: z.enum(['proposed', 'agreed']),
    limit: z.int().min(1).max(500),
    since: z.iso.datetime({ offset: true }),
    day: z.iso.date(),
    q: z.string().min(2).max(3),
    list: z.array(z.int()).min(1).max(2),
    dryRun: z.literal(true),
    page: z.url(),
    form: z.string().regex(/^[A-Z]{2}$/),
    step: z.int().multipleOf(5),
    below: z.number().lt(3),
    record: z.record(z.string(), z.string()),
    either: z.union([z.string(), z.null()]),
  })
  const wrong = {
    stage: 'agred',
    limit: 1000,
    since: '2026-11-27',
    day: '2026',
    q: 'x',
    list: [],
    dryRun: 'true',
    page: 'x',
    form: 'x',
    step: 7,
    below: 3,
    record: [],
    either: 5,
    more: 1,
  }
  const found = parseErrors(schema, wrong).map(({ path, message }) => `${path} ${message}`)
  t.same(found, [
    'stage must be one of proposed, agreed (did you mean "agreed"?), not "agred"',
    'limit must be at most 500, not 1000',
    'since must be an instant of RFC 3339, such as 2026-11-22T08:00:00Z, not "2026-11-27"',
    'day must be a day, such as 2026-11-22, not "2026"',
    'q must have at least 2 characters, not "x"',
    'list must have at least 1 member',
    'dryRun must be true, not "true"',
    'page must be a whole address, such as https://example.org/document, not "x"',
    'form must have the form /^[A-Z]{2}$/, not "x"',
    'step must be a multiple of 5, not 7',
    'below must be less than 3, not 3',
    'record must be an object, not a list',
    'either must be text or null, not 5',
    'more is not known here',
  ])
  const missing = parseErrors(schema, {})
  t.ok(
    missing.every(({ message }) => message.startsWith('is missing; it must be ')),
    JSON.stringify(missing),
  )
  const raw = /Invalid|expected|received|Too (?:big|small)|Unrecognized/
  for (const { message } of [...missing, ...parseErrors(schema, wrong)]) t.notMatch(message, raw)
})

t.test('a schema without its own texts gets the same sentences', async (t) => {
  const errors = parseErrors(z.object({ limit: z.int().max(500) }), { limit: 501 })
  t.same(errors, [{ path: 'limit', message: 'must be at most 500, not 501' }])
})

t.test('of a value of the wrong type, the size is not judged as well', async (t) => {
  const sizes = z.object({ list: z.array(z.string()).min(1), name: z.string().max(2) })
  t.same(parseErrors(sizes, { list: '', name: ['a', 'b', 'c'] }), [
    { path: 'list', message: 'must be a list, not ""' },
    { path: 'name', message: 'must be text, not a list' },
  ])
})

t.test('every type that a hint can name is a type of event', async (t) => {
  for (const type of ['paid', 'deleted', 'created', 'rejected', 'approved', 'completed']) {
    const [, hint] = /did you mean "([a-z-]+)"/.exec(sentences({ ...example('agreed'), type })[0] ?? '') ?? []
    t.ok((eventTypes as readonly string[]).includes(hint ?? ''), type)
  }
})

t.test('the hint for an unknown member belongs to that member only', async (t) => {
  const found = sentences(withData('updated', { stage: 1, foo: 2, titel: 3 }))
  t.same(
    found.map((sentence) => sentence.replace(/; known are .*/, '')),
    [
      'data.stage is not a known member (the stage follows from the acts: record "agreed", "funded" or "delivered")',
      'data.foo is not a known member',
      'data.titel is not a known member (did you mean "title"?)',
    ],
  )
  const many = Object.fromEntries(Array.from({ length: 600 }, (_none, index) => [`a\n${index}`, 1]))
  const errors = sentences(withData('closed', many))
  t.equal(errors.length, 501)
  t.ok(errors.slice(0, 500).every((one) => one.endsWith(' is not a known member; none is')))
})
