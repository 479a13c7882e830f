import { LanguageMap, LongLanguageMap, limits, searchText } from '@commitments/domain'
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

t.test('a text that is not a map is refused with an example', async (t) => {
  for (const value of ['Proposal', null, undefined, 5, ['en'], true])
    t.match(faults(value), [/ must be an object from language to text/])
})

t.test('a language named like a part of every object is refused, not dropped', async (t) => {
  t.match(faults(JSON.parse('{"__proto__": "x", "en": "x"}')), [/^__proto__ the language must be a language tag/])
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

t.test('texts are compared in NFC and without regard to case', async (t) => {
  t.equal(searchText('ĐỀ XUẤT'.normalize('NFD')), searchText('đề xuất'.normalize('NFC')))
  t.ok(searchText('Viện Khoa học').includes(searchText('KHOA HỌC')))
  t.not(searchText('de xuat'), searchText('đề xuất'), 'marks are part of the word')
})
