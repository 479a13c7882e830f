import { Evidence, LanguageMap, LongLanguageMap, limits, parseEventBody } from '@commitments/domain'
import { example } from '@commitments/test-kit/domain'
import t from 'tap'

function faults(value: unknown) {
  return LanguageMap.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? []
}

t.test('a text for people is a map from language to text, kept as received', async (t) => {
  const decomposed = 'Đề xuất'.normalize('NFD')
  const text = { vi: decomposed, en: ' Proposal ', ko: '제안' }
  t.same(LanguageMap.parse(text), text)
  t.same(Object.keys(LanguageMap.parse(text)), ['vi', 'en', 'ko'])
  t.equal(LanguageMap.parse(text).vi, decomposed)
})

t.test('a text has at least one language, and each has something to read', async (t) => {
  t.match(faults({}), [/ must have a text in at least one language/])
  t.match(faults({ en: '' }), [/^en must be text/])
  t.match(faults({ en: ' \n\u3000' }), [/^en must be text/])
  t.match(faults({ en: null, vi: 5 }), [/^en must be text/, /^vi must be text/])
})

/**
 * Zero-width characters, fillers, blanks of other scripts, controls, direction marks, a note without a head, an accent without a letter.
 */
const invisible = [
  '\u200b',
  '\u3164',
  '\u115f',
  '\u1160',
  '\uffa0',
  '\u2060',
  '\u00ad',
  '\u202e',
  '\u0007',
  '\u2800',
  '\ufeff',
  '\u{1d159}',
  '\ufe0f',
  '\u{e0041}',
  '\u180e',
  '\u2028',
  '\u0301',
]
const someVisible = ['x', 'đ', '한', '7', '٣', '…', '–', '₫', '+', '😀', 'ก', '°']

t.test('every text for people has a visible character: in data, evidence, notes and corrections', async (t) => {
  for (const text of [...invisible, invisible.join(''), ' \n\t']) {
    const name = Array.from(text, (character) => character.codePointAt(0)?.toString(16)).join(' ')
    t.match(faults({ en: text }), [/^en must be text with at least one visible character/], name)
    for (const member of ['title', 'publisher', 'supports'])
      t.notOk(Evidence.safeParse({ title: 'x', supports: 'x', [member]: text }).success, `${member} ${name}`)
    const body = example('agreed')
    for (const wrong of [
      { note: { en: text } },
      { correlationId: text },
      { evidence: [{ title: text, supports: 'x' }] },
    ])
      t.match(parseEventBody({ ...body, ...wrong }), { ok: false }, `${Object.keys(wrong).join()} ${name}`)
    const data = { reason: { en: 'x' }, corrections: [{ event: 1, evidence: [{ title: 'x', supports: text }] }] }
    t.match(parseEventBody({ ...example('corrected'), data }), { ok: false }, `a correction with evidence ${name}`)
  }
  for (const text of someVisible) t.same(faults({ en: `\u200b ${text}` }), [], text)
})

t.test('lengths count characters, as in JSON Schema: a smiley is one', async (t) => {
  t.same(faults({ en: '😀'.repeat(limits.shortText) }), [])
  t.match(faults({ en: '😀'.repeat(limits.shortText + 1) }), [/at most 1000 characters/])
  const evidence = (title: string) => Evidence.safeParse({ title, supports: 'x' }).success
  t.ok(evidence('😀'.repeat(limits.shortText)))
  t.notOk(evidence('😀'.repeat(limits.shortText + 1)))
  t.ok(evidence(`x${'😀'.repeat(limits.shortText - 1)}`))
  const url = (path: string) => Evidence.safeParse({ title: 'x', supports: 'x', url: `https://e.vn/${path}` }).success
  t.ok(url('đ😀'.repeat(1_000)))
  t.notOk(url('😀'.repeat(limits.url)))
})

t.test('a text that is not a map is refused with an example', async (t) => {
  for (const value of ['Proposal', null, undefined, 5, ['en'], true])
    t.match(faults(value), [/ must be an object from language to text/])
})

t.test('a language named like a member of every object is refused, not dropped', async (t) => {
  t.match(faults(JSON.parse('{"__proto__": "x", "en": "x"}')), [
    /^__proto__ must be named by a language, which must be a language tag/,
  ])
  t.match(faults({ constructor: 'x', toString: 'x' }), [/^constructor /, /^toString /])
})

t.test('texts and their number are bounded', async (t) => {
  t.same(faults({ en: 'x'.repeat(limits.shortText) }), [])
  t.match(faults({ en: 'x'.repeat(limits.shortText + 1) }), [/at most 1000/])
  t.ok(LongLanguageMap.safeParse({ en: 'x'.repeat(limits.longText) }).success)
  t.notOk(LongLanguageMap.safeParse({ en: 'x'.repeat(limits.longText + 1) }).success)
  const many = Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`x${n}`, 'x']))
  t.match(faults(many), [/at most 40 languages/])
})
