import type { WordTable } from './words.ts'

/**
 * The words follow the roles of IATI's participating organisations (funding, accountable, extending, implementing) and Vietnamese and
 * Korean aid documents.
 */
export const roleWords = {
  proposer: {
    en: { label: 'Proposer', description: 'It put the proposal forward.' },
    vi: { label: 'Bên đề xuất', description: 'Đã nêu đề xuất.' },
    ko: { label: '제안 기관', description: '제안을 제출하였다.' },
  },
  counterpart: {
    en: { label: 'Counterpart', description: 'It is the partner that the proposal addresses.' },
    vi: { label: 'Bên đối tác', description: 'Là đối tác được đề nghị hợp tác.' },
    ko: { label: '상대 기관', description: '제안의 상대가 되는 협력 기관이다.' },
  },
  signatory: {
    en: { label: 'Signatory', description: 'It signs the agreement.' },
    vi: { label: 'Bên ký kết', description: 'Ký văn kiện thỏa thuận.' },
    ko: { label: '서명 기관', description: '합의 문서에 서명한다.' },
  },
  funder: {
    en: { label: 'Funder', description: 'It provides money.' },
    vi: { label: 'Bên cấp vốn', description: 'Cung cấp vốn.' },
    ko: { label: '재원 제공 기관', description: '자금을 제공한다.' },
  },
  implementer: {
    en: { label: 'Implementer', description: 'It carries out the work.' },
    vi: { label: 'Bên thực hiện', description: 'Trực tiếp thực hiện.' },
    ko: { label: '시행 기관', description: '사업을 수행한다.' },
  },
  extending: {
    en: { label: 'Managing agency', description: 'It manages the money on behalf of the funder (IATI: extending).' },
    vi: { label: 'Cơ quan quản lý vốn', description: 'Quản lý vốn thay mặt bên cấp vốn (IATI: extending).' },
    ko: { label: '관리 기관', description: '재원 제공 기관을 대신하여 자금을 관리한다(IATI: extending).' },
  },
  host: {
    en: { label: 'Host', description: 'It provides the place.' },
    vi: { label: 'Bên đăng cai', description: 'Cung cấp địa điểm tổ chức hoặc trụ sở.' },
    ko: { label: '주최 기관', description: '장소를 제공한다.' },
  },
  beneficiary: {
    en: { label: 'Beneficiary', description: 'It receives the result.' },
    vi: { label: 'Bên thụ hưởng', description: 'Tiếp nhận kết quả.' },
    ko: { label: '수혜 기관', description: '결과물을 받는다.' },
  },
  'technical-partner': {
    en: { label: 'Technical partner', description: 'It contributes knowledge or technology.' },
    vi: { label: 'Đối tác kỹ thuật', description: 'Đóng góp tri thức hoặc công nghệ.' },
    ko: { label: '기술 협력 기관', description: '지식이나 기술을 제공한다.' },
  },
  'co-chair': {
    en: { label: 'Co-chair', description: 'It chairs the session together with the other side.' },
    vi: { label: 'Đồng chủ trì', description: 'Cùng bên kia chủ trì khóa họp.' },
    ko: { label: '공동 의장', description: '상대측과 함께 회의를 주재한다.' },
  },
  assessor: {
    en: { label: 'Assessor', description: 'It assesses the proposal from outside.' },
    vi: { label: 'Bên đánh giá', description: 'Đánh giá độc lập từ bên ngoài.' },
    ko: { label: '평가 기관', description: '외부에서 추진 상황을 평가한다.' },
  },
} as const satisfies WordTable

/** Read from this proposal to the other one. */
export const relationWords = {
  child: {
    en: { label: 'Part of', description: 'This proposal is a part of the other.' },
    vi: { label: 'Là một phần của', description: 'Đề xuất này là một phần của đề xuất kia.' },
    ko: { label: '하위 제안', description: '이 제안은 다른 제안의 일부이다.' },
  },
  sibling: {
    en: { label: 'Beside', description: 'The two proposals belong together as equals.' },
    vi: { label: 'Song song với', description: 'Hai đề xuất ngang hàng và có liên quan với nhau.' },
    ko: { label: '병렬 제안', description: '두 제안은 대등하게 서로 관련된다.' },
  },
  'co-funded': {
    en: { label: 'Funded together with', description: 'The same money pays for both proposals.' },
    vi: { label: 'Cùng nguồn vốn với', description: 'Hai đề xuất được cấp từ cùng một nguồn vốn.' },
    ko: { label: '공동 재원', description: '두 제안이 같은 재원을 쓴다.' },
  },
  precedes: {
    en: { label: 'Precedes', description: 'This proposal comes before the other.' },
    vi: { label: 'Đi trước', description: 'Đề xuất này diễn ra trước đề xuất kia.' },
    ko: { label: '선행', description: '이 제안이 다른 제안에 앞선다.' },
  },
  implements: {
    en: { label: 'Implements', description: 'This proposal carries out what the other promises.' },
    vi: { label: 'Thực hiện', description: 'Đề xuất này thực hiện nội dung của đề xuất kia.' },
    ko: { label: '이행', description: '이 제안은 다른 제안의 내용을 이행한다.' },
  },
  'agreed-at': {
    en: { label: 'Agreed at', description: 'This proposal was agreed at the other one, which is a session.' },
    vi: { label: 'Được nhất trí tại', description: 'Đề xuất này được nhất trí tại khóa họp kia.' },
    ko: { label: '합의 회의', description: '이 제안은 해당 회의에서 합의되었다.' },
  },
  'discussed-at': {
    en: { label: 'Discussed at', description: 'This proposal was discussed at the other one, which is a session.' },
    vi: { label: 'Được thảo luận tại', description: 'Đề xuất này được thảo luận tại khóa họp kia.' },
    ko: { label: '논의 회의', description: '이 제안은 해당 회의에서 논의되었다.' },
  },
  'funded-under': {
    en: { label: 'Funded under', description: 'This proposal is paid for under the other one.' },
    vi: { label: 'Được cấp vốn theo', description: 'Đề xuất này được cấp vốn theo đề xuất kia.' },
    ko: { label: '재원 근거', description: '이 제안은 다른 제안에 따라 재원을 받는다.' },
  },
  supersedes: {
    en: { label: 'Supersedes', description: 'This proposal takes the place of the other.' },
    vi: { label: 'Thay thế', description: 'Đề xuất này thay thế đề xuất kia.' },
    ko: { label: '대체', description: '이 제안이 다른 제안을 대신한다.' },
  },
} as const satisfies WordTable
