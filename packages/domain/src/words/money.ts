import type { WordTable } from './words.ts'

/** The words follow the glossary of Decree 56/2020 (vốn ODA không hoàn lại, vốn vay) and odakorea.go.kr (무상, 유상). */
export const financeTypeWords = {
  grant: {
    en: { label: 'Grant', description: 'Money that is not to be paid back.' },
    vi: { label: 'Viện trợ không hoàn lại', description: 'Vốn không phải hoàn trả.' },
    ko: { label: '무상', description: '상환하지 않는 자금이다.' },
  },
  loan: {
    en: { label: 'Loan', description: 'Money that is to be paid back.' },
    vi: { label: 'Vốn vay', description: 'Vốn phải hoàn trả.' },
    ko: { label: '유상(차관)', description: '상환해야 하는 자금이다.' },
  },
  budget: {
    en: { label: 'State budget', description: 'Money from the budget of a state, such as counterpart funds.' },
    vi: { label: 'Ngân sách nhà nước', description: 'Vốn từ ngân sách nhà nước, như vốn đối ứng.' },
    ko: { label: '정부 예산', description: '대응자금 등 정부 예산에서 나오는 자금이다.' },
  },
  'own-funds': {
    en: { label: 'Own funds', description: 'Money of the organisation itself.' },
    vi: { label: 'Vốn tự có', description: 'Vốn của chính tổ chức.' },
    ko: { label: '자체 재원', description: '기관 자체의 자금이다.' },
  },
} as const satisfies WordTable

export const amountStatusWords = {
  undisclosed: {
    en: { label: 'Not disclosed', description: 'The amount exists and is confidential.' },
    vi: { label: 'Không công bố', description: 'Có số tiền nhưng không được công bố.' },
    ko: { label: '비공개', description: '금액은 있으나 공개되지 않았다.' },
  },
  unknown: {
    en: { label: 'Not known', description: 'The amount is not known to the recorder.' },
    vi: { label: 'Chưa rõ', description: 'Chưa biết số tiền.' },
    ko: { label: '미상', description: '금액이 알려져 있지 않다.' },
  },
} as const satisfies WordTable

/** What happens to open money when a proposal ends. */
export const remainderWords = {
  keep: {
    en: { label: 'Keep', description: 'The undisbursed money stays committed.' },
    vi: { label: 'Giữ nguyên', description: 'Phần vốn chưa giải ngân vẫn được cam kết.' },
    ko: { label: '유지', description: '미집행 자금의 약정이 유지된다.' },
  },
  decommit: {
    en: { label: 'Decommit', description: 'The undisbursed money is no longer committed.' },
    vi: { label: 'Hủy vốn', description: 'Phần vốn chưa giải ngân không còn được cam kết.' },
    ko: { label: '약정 해제', description: '미집행 자금의 약정이 해제된다.' },
  },
  return: {
    en: { label: 'Return', description: 'Money is to be given back.' },
    vi: { label: 'Hoàn trả', description: 'Vốn sẽ được hoàn trả.' },
    ko: { label: '반환', description: '자금을 반환한다.' },
  },
} as const satisfies WordTable
