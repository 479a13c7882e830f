/** Words that are written into the XML, for what IATI has no element for. */
import type { When, WordLanguage } from '@commitments/domain'

type Phrase = Readonly<Record<WordLanguage, string>>

const phrases = {
  summary: {
    en: '{kind}. Parties: {parties}. Stage: {stage}.',
    vi: '{kind}. Các bên: {parties}. Giai đoạn: {stage}.',
    ko: '{kind}. 당사자: {parties}. 단계: {stage}.',
  },
  requested: {
    en: 'Funding requested: {amount}',
    vi: 'Vốn đề nghị: {amount}',
    ko: '요청한 재원: {amount}',
  },
  money: {
    en: '{what}: {amount} ({parties}). {why}',
    vi: '{what}: {amount} ({parties}). {why}',
    ko: '{what}: {amount} ({parties}). {why}',
  },
  undated: {
    en: 'The date is not known.',
    vi: 'Chưa rõ ngày.',
    ko: '날짜가 알려져 있지 않다.',
  },
  'not-yet': {
    en: 'Its day has not begun everywhere.',
    vi: 'Ngày này chưa bắt đầu theo giờ quốc tế.',
    ko: '협정 세계시로는 아직 그날이 되지 않았다.',
  },
  currency: {
    en: 'IATI has no code for this currency.',
    vi: 'IATI không có mã cho loại tiền này.',
    ko: 'IATI에 이 통화의 코드가 없다.',
  },
  'no-counterpart': {
    en: 'What it changes is not in this file.',
    vi: 'Khoản được thay đổi không có trong tệp này.',
    ko: '이것이 바꾸는 금액은 이 파일에 없다.',
  },
  beside: {
    en: 'Its parts carry this figure, so it is not counted here.',
    vi: 'Số liệu này đã được tính ở các phần trực thuộc, nên không tính ở đây.',
    ko: '하위 제안에 이 금액이 계상되므로 여기서는 세지 않는다.',
  },
  'amount-unknown': {
    en: 'The amount is not in the record.',
    vi: 'Hồ sơ không có số tiền.',
    ko: '기록에 금액이 없다.',
  },
  planned: { en: 'Planned for {date}', vi: 'Dự kiến: {date}', ko: '예정일: {date}' },
  milestones: { en: 'Milestones', vi: 'Các mốc', ko: '이정표' },
  value: { en: '{value} {unit}', vi: '{value} {unit}', ko: '{value} {unit}' },
  baseline: { en: 'Baseline: {value} {unit}', vi: 'Giá trị ban đầu: {value} {unit}', ko: '기준값: {value} {unit}' },
  target: { en: 'Target: {value} {unit}', vi: 'Mục tiêu: {value} {unit}', ko: '목표: {value} {unit}' },
  actual: { en: 'Actual: {value} {unit}', vi: 'Thực tế: {value} {unit}', ko: '실적: {value} {unit}' },
  contested: { en: 'Contested', vi: 'Bị phản bác', ko: '이의 제기됨' },
  resolved: { en: 'Decided', vi: 'Đã xác định', ko: '확정됨' },
  valued: { en: 'valued at {amount}', vi: 'trị giá {amount}', ko: '평가액 {amount}' },
} as const satisfies Readonly<Record<string, Phrase>>

export type PhraseName = keyof typeof phrases

/** A phrase with its blanks filled. */
export function phrase(
  name: PhraseName,
  language: WordLanguage,
  blanks: Readonly<Record<string, string>> = {},
): string {
  return phrases[name][language].replaceAll(/\{(\w+)\}/g, (_, blank: string) => blanks[blank] ?? '')
}

const dates = {
  within: { en: 'some day in {a}', vi: 'một ngày trong {a}', ko: '{a} 중의 하루' },
  lasting: { en: 'from {a} to {b}', vi: 'từ {a} đến {b}', ko: '{a}부터 {b}까지' },
  running: { en: 'since {a}', vi: 'từ {a}', ko: '{a}부터' },
  between: {
    en: 'on an unknown day between {a} and {b}',
    vi: 'vào một ngày chưa rõ từ {a} đến {b}',
    ko: '{a}에서 {b} 사이의 알려지지 않은 날',
  },
  until: {
    en: 'on an unknown day until {b}',
    vi: 'vào một ngày chưa rõ, muộn nhất {b}',
    ko: '{b}까지의 알려지지 않은 날',
  },
  after: { en: 'on an unknown day since {a}', vi: 'vào một ngày chưa rõ từ {a}', ko: '{a} 이후의 알려지지 않은 날' },
} as const satisfies Readonly<Record<string, Phrase>>

/** A date as precisely as it is known, in words. */
export function dateInWords(when: When, language: WordLanguage): string {
  const [, from = '', to = ''] = /^\[?([^./\]]*)(?:\.\.|\/)?([^\]]*)\]?$/.exec(when) ?? []
  return dates[formOf(when, from, to)][language].replace('{a}', from).replace('{b}', to)
}

function formOf(when: When, from: string, to: string): keyof typeof dates {
  if (!when.startsWith('[')) return !when.includes('/') ? 'within' : to === '..' ? 'running' : 'lasting'
  if (from === '') return 'until'
  return to === '' ? 'after' : 'between'
}
