import t from 'tap'
import { isFound, searchedOfSummary, searchOf, searchText, searchWords, titleKey } from '../src/index.ts'

const none = { proposalId: 'p', title: {}, summary: null, parties: [], fields: [] }
const inTitle = (text: string) => searchOf({ ...none, title: { vi: text } })
/** Whether the query finds a proposal with that title. */
const finds = (query: string, title: string) => isFound(inTitle(title), searchWords(query))

t.test('case, width and Unicode normalization do not matter', async (t) => {
  t.equal(searchText('ĐỀ XUẤT'.normalize('NFD')), searchText('đề xuất'.normalize('NFC')))
  for (const query of ['vkist', 'ＶＫＩＳＴ', 'VkIsT']) t.ok(finds(query, 'VKIST, phase 2'), query)
  t.ok(finds('vkist', 'ＶＫＩＳＴ'))
  t.ok(finds('strasse', 'Straße'))
  t.ok(finds('ΟΔΟΣ', 'οδός'))
  t.ok(finds('베트남', '베트남'.normalize('NFD')))
})

t.test('a letter without marks also finds it with marks, including đ; typed marks must be there', async (t) => {
  t.ok(finds('vien khoa hoc', 'Viện Khoa học và Công nghệ'))
  t.ok(finds('ban dan', 'công nghiệp bán dẫn'))
  t.ok(finds('bán dẫn', 'công nghiệp bán dẫn'))
  t.ok(finds('BÁN DẪN', 'công nghiệp bán dẫn'))
  t.notOk(finds('bản dẫn', 'công nghiệp bán dẫn'))
  t.notOk(finds('bán dẫn', 'cong nghiep ban dan'), 'what was typed with marks is meant with marks')
  t.notOk(finds('đan', 'ban dan'))
  t.ok(finds('dau tu', 'Đầu tư'))
  t.ok(finds('Đầu tư', 'ĐẦU TƯ'))
})

t.test('a word is found at each step of typing it: marks that are not typed yet may be there', async (t) => {
  for (const query of ['d', 'đ', 'đe', 'đê', 'đề', 'đề x', 'đề xu', 'đề xuâ', 'đề xuất'])
    t.ok(finds(query, 'Đề xuất'), query)
  for (const query of ['ㅂ', '베', '벹', '베트', '베튼', '베트나', '베트남']) t.ok(finds(query, '베트남 과학'), query)
  for (const query of ['고', '과', '괗', '과하', '과학', '과학ㄱ', '과학기술', '워', '원'])
    t.ok(finds(query, '과학기술원'), query)
  t.ok(finds('닭', '닭'))
  t.ok(finds('달', '닭'))
  t.notOk(finds('베트담', '베트남'))
})

t.test('two or more Korean consonants are also the initials of syllables', async (t) => {
  for (const query of ['ㄱㅎ', 'ㅎㄱ', 'ㄱㅎㄱㅅㅇ', 'ㅂㅌㄴ ㄱㅎ']) t.ok(finds(query, '베트남 과학기술원'), query)
  t.notOk(finds('ㄱㄱ', '베트남 과학'))
  t.ok(finds('ㄱㄴ', '까나'), 'nobody holds the shift key for an initial')
  t.notOk(finds('ㄱㅎ', 'GH'), 'and no letter of another script is one')
  t.notOk(finds('AOL', '강'))
})

t.test('each syllable has the initial that Unicode decomposes it into', async (t) => {
  for (let code = 0xac00; code <= 0xd7a3; code += 1) {
    const syllable = String.fromCharCode(code)
    const initial = `Z${searchText(syllable.normalize('NFD').slice(0, 1)).slice(0, 1)}`
    const lines = inTitle(syllable + syllable).split('\n')
    if (lines.at(-1) !== initial + initial) t.fail(`${syllable} has ${lines.at(-1)}`)
  }
})

t.test(
  'ASCII is brought to the same form as beside other letters, in searches and in the order of titles',
  async (t) => {
    const titleIn = (search: string) => search.split('\n')[1]
    const all = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
    for (const text of [...all, all.join(''), 'VKIST, Phase 2', 'a  b\t\tc\n d ']) {
      t.equal(`${searchText(text)}a`, searchText(`${text}ấ`), JSON.stringify(text))
      t.equal(`${titleIn(inTitle(`${text}b`))}a`, titleIn(inTitle(`${text}bấ`)), JSON.stringify(text))
      t.equal(`${titleKey({ en: text })}a`, titleKey({ en: `${text}ấ` }), JSON.stringify(text))
    }
  },
)

t.test('words can be in any order, and each in another text: ids, titles, summaries, parties and fields', async (t) => {
  const search = searchOf({
    proposalId: 'vkist-phase-2',
    title: { en: 'VKIST, phase 2', vi: 'VKIST giai đoạn 2' },
    summary: { en: 'A core centre for industrial research.' },
    parties: [{ party: 'koica-kr', name: { ko: '한국국제협력단' }, roles: ['funder'] }],
    fields: ['science-technology'],
  })
  for (const query of [
    '2 phase vkist',
    'giai vkist doan',
    'koica vkist',
    '협력단 giai',
    'industrial science-technology',
    'phase-2',
    'vkist, "phase"',
    '(koica)',
  ])
    t.ok(isFound(search, searchWords(query)), query)
  t.notOk(isFound(search, searchWords('vkist absent')))
  t.notOk(isFound(search, searchWords('2vkist')), 'no word runs over the edge of two texts')
})

t.test('a query with only spaces, marks and invisible characters has no words', async (t) => {
  for (const query of ['', ' ', '\t\u00a0\u3000', '\u0301', '\u0301'.repeat(200), '\u200b\u00ad', '\ufeff'])
    t.same(searchWords(query), [], JSON.stringify(query))
  t.equal(searchWords('a').length, 1)
  t.equal(searchWords('& %').length, 2, 'signs alone are looked for as they are')
  t.ok(finds('&', 'R&D'))
  t.notOk(finds(`a${'\u0301'.repeat(199)}`, 'á'))
  t.ok(finds('\ud800', '\ufffd'), 'half of a pair reads as what stands for it')
  t.equal(searchWords('a a A b').length, 2, 'each once')
})

t.test('special characters of patterns are searched literally', async (t) => {
  for (const sign of '\\^$.*+?()[]{}|%_') {
    t.ok(finds(`é${sign}é`, `é${sign}é`), sign)
    t.notOk(finds(`é${sign}é`, 'ééé'), sign)
  }
})

t.test('each language of a summary is searched up to the same length, so that the kept text is bounded', async (t) => {
  const long = (end: string) => `${'x'.repeat(searchedOfSummary / 2 - 3)} ${end}`
  const search = searchOf({ ...none, summary: { en: long('aé beyond'), vi: long('bé') } })
  t.ok(isFound(search, searchWords('bé')))
  t.ok(isFound(search, searchWords('aé')))
  t.notOk(isFound(search, searchWords('beyond')))
})
