import type { WordTable } from './words.ts'

/**
 * The Vietnamese words follow the Law on Treaties of 2016 and the Law on International Agreements of 2020; the Korean words follow the
 * usage of the foreign ministry and KOICA (협의의사록, 교환각서).
 */
export const formWords = {
  'verbal-consensus': {
    en: { label: 'Verbal consensus', description: 'The parties agreed without a document.' },
    vi: { label: 'Nhất trí bằng lời', description: 'Các bên nhất trí mà không có văn bản.' },
    ko: { label: '구두 합의', description: '문서 없이 합의하였다.' },
  },
  minutes: {
    en: { label: 'Minutes', description: 'The parties signed or approved the minutes of a meeting.' },
    vi: { label: 'Biên bản họp', description: 'Các bên ký hoặc thông qua biên bản cuộc họp.' },
    ko: { label: '회의록', description: '당사자들이 회의록에 서명하거나 이를 승인하였다.' },
  },
  'joint-statement': {
    en: { label: 'Joint statement', description: 'The parties published a common statement.' },
    vi: { label: 'Tuyên bố chung', description: 'Các bên đã ra tuyên bố chung.' },
    ko: { label: '공동성명', description: '당사자들이 공동성명을 발표하였다.' },
  },
  memorandum: {
    en: { label: 'Memorandum', description: 'The parties signed a memorandum of understanding.' },
    vi: { label: 'Bản ghi nhớ', description: 'Các bên đã ký bản ghi nhớ.' },
    ko: { label: '양해각서', description: '당사자들이 양해각서에 서명하였다.' },
  },
  'record-of-discussions': {
    en: { label: 'Record of discussions', description: 'The parties signed a record of discussions on a project.' },
    vi: { label: 'Biên bản thảo luận', description: 'Các bên đã ký biên bản thảo luận về dự án.' },
    ko: { label: '협의의사록', description: '당사자들이 사업에 관한 협의의사록(R/D)에 서명하였다.' },
  },
  'exchange-of-notes': {
    en: { label: 'Exchange of notes', description: 'Governments agreed by an exchange of diplomatic notes.' },
    vi: { label: 'Công hàm trao đổi', description: 'Các chính phủ thỏa thuận bằng công hàm trao đổi.' },
    ko: { label: '교환각서', description: '정부 간에 외교 각서를 교환하여 합의하였다.' },
  },
  agreement: {
    en: { label: 'Agreement', description: 'The parties signed an agreement.' },
    vi: { label: 'Hiệp định, thỏa thuận', description: 'Các bên đã ký hiệp định hoặc thỏa thuận.' },
    ko: { label: '협정', description: '당사자들이 협정에 서명하였다.' },
  },
  treaty: {
    en: { label: 'Treaty', description: 'States or international organisations concluded a treaty.' },
    vi: { label: 'Điều ước quốc tế', description: 'Các quốc gia hoặc tổ chức quốc tế đã ký điều ước quốc tế.' },
    ko: { label: '조약', description: '국가나 국제기구가 조약을 체결하였다.' },
  },
  contract: {
    en: { label: 'Contract', description: 'The parties signed a contract.' },
    vi: { label: 'Hợp đồng', description: 'Các bên đã ký hợp đồng.' },
    ko: { label: '계약', description: '당사자들이 계약을 체결하였다.' },
  },
  decision: {
    en: { label: 'Decision', description: 'A government or another authority decided it.' },
    vi: { label: 'Quyết định', description: 'Chính phủ hoặc cơ quan có thẩm quyền đã quyết định.' },
    ko: { label: '결정', description: '정부나 권한 있는 기관이 결정하였다.' },
  },
  unknown: {
    en: { label: 'Not known', description: 'The form of the agreement is not known.' },
    vi: { label: 'Chưa rõ', description: 'Chưa biết hình thức thỏa thuận.' },
    ko: { label: '미상', description: '합의 형식이 알려져 있지 않다.' },
  },
} as const satisfies WordTable

export const consentActWords = {
  support: {
    en: { label: 'Support', description: 'A party spoke in favour of it.' },
    vi: { label: 'Ủng hộ', description: 'Một bên bày tỏ ủng hộ.' },
    ko: { label: '지지', description: '한 당사자가 지지를 표명하였다.' },
  },
  approval: {
    en: { label: 'Approval', description: 'A party approved it by its own procedure.' },
    vi: { label: 'Phê duyệt', description: 'Một bên đã phê duyệt theo thủ tục của mình.' },
    ko: { label: '승인', description: '한 당사자가 자체 절차에 따라 승인하였다.' },
  },
  signature: {
    en: { label: 'Signature', description: 'A party signed.' },
    vi: { label: 'Ký', description: 'Một bên đã ký.' },
    ko: { label: '서명', description: '한 당사자가 서명하였다.' },
  },
  ratification: {
    en: { label: 'Ratification', description: 'A party ratified what was signed.' },
    vi: { label: 'Phê chuẩn', description: 'Một bên đã phê chuẩn văn kiện đã ký.' },
    ko: { label: '비준', description: '한 당사자가 서명된 문서를 비준하였다.' },
  },
} as const satisfies WordTable
