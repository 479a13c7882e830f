import type { WordLanguage, WordTable } from './words.ts'

export const groupWords = {
  act: {
    en: { label: 'Acts', description: 'Events from the proposal to its end, which change the stage or the ending.' },
    vi: { label: 'Các bước chính', description: 'Từ đề xuất đến kết thúc: những bước làm thay đổi giai đoạn.' },
    ko: { label: '주요 단계', description: '제안에서 종료까지 단계를 바꾸는 행위이다.' },
  },
  money: {
    en: { label: 'Money', description: 'Pledges, tranches, payments and contributions in kind.' },
    vi: { label: 'Vốn', description: 'Cam kết, đợt giải ngân, thanh toán và đóng góp hiện vật.' },
    ko: { label: '자금', description: '공여 의사, 분할 지급, 집행, 현물 기여이다.' },
  },
  delivery: {
    en: { label: 'Delivery', description: 'Milestones, dates, risks and indicators.' },
    vi: { label: 'Thực hiện', description: 'Mốc, tiến độ, rủi ro và chỉ số.' },
    ko: { label: '이행', description: '중간 목표, 일정, 위험, 지표이다.' },
  },
  knowledge: {
    en: { label: 'Record', description: 'What is known, contested, corrected and assessed.' },
    vi: { label: 'Hồ sơ', description: 'Thông tin, ý kiến khác, đính chính và đánh giá.' },
    ko: { label: '기록', description: '알려진 내용, 이견, 정정, 평가이다.' },
  },
  relations: {
    en: { label: 'Relations', description: 'Parties and links to other proposals.' },
    vi: { label: 'Quan hệ', description: 'Các bên và liên kết với đề xuất khác.' },
    ko: { label: '관계', description: '당사자와 다른 제안과의 연결이다.' },
  },
  sessions: {
    en: { label: 'Sessions', description: 'The agenda of a session, and the outcomes of its items.' },
    vi: { label: 'Khóa họp', description: 'Chương trình nghị sự và kết luận từng nội dung.' },
    ko: { label: '회의', description: '회의 의제와 그 처리 결과이다.' },
  },
} as const satisfies WordTable

/** The state that a proposal must have for an event. */
export const acceptanceWords = {
  new: {
    en: { label: 'New', description: 'There is no such proposal yet.' },
    vi: { label: 'Chưa có', description: 'Đề xuất chưa tồn tại.' },
    ko: { label: '신규', description: '아직 그런 제안이 없다.' },
  },
  active: {
    en: { label: 'Active', description: 'The proposal is neither ended, closed nor suspended.' },
    vi: { label: 'Đang thực hiện', description: 'Đề xuất chưa kết thúc, chưa quyết toán và không tạm dừng.' },
    ko: { label: '진행 중', description: '제안이 종료, 정산 종결, 중단되지 않았다.' },
  },
  open: {
    en: { label: 'Open', description: 'The proposal is neither ended nor closed.' },
    vi: { label: 'Đang mở', description: 'Đề xuất chưa kết thúc và chưa quyết toán.' },
    ko: { label: '미종결', description: '제안이 종료되거나 정산 종결되지 않았다.' },
  },
  any: {
    en: { label: 'Any', description: 'The proposal exists.' },
    vi: { label: 'Bất kỳ', description: 'Đề xuất đã tồn tại.' },
    ko: { label: '모든 상태', description: '제안이 있다.' },
  },
} as const satisfies WordTable

/** Who acts in an event. */
export const actorWords = {
  named: {
    en: { label: 'Named parties', description: 'It is an act of the parties that it names.' },
    vi: { label: 'Các bên được nêu', description: 'Là hành động của các bên được nêu trong sự kiện.' },
    ko: { label: '명시된 당사자', description: '사건에 명시된 당사자의 행위이다.' },
  },
  'a-party': {
    en: {
      label: 'A party',
      description: 'It is an act of a party of the proposal, and the event does not name that party.',
    },
    vi: { label: 'Một bên', description: 'Là hành động của một bên trong đề xuất mà sự kiện không nêu tên.' },
    ko: { label: '어느 당사자', description: '사건에 명시되지 않은 제안 당사자의 행위이다.' },
  },
  anybody: {
    en: { label: 'Anybody', description: 'It is not an act, but a statement of what somebody knows.' },
    vi: { label: 'Bất kỳ ai', description: 'Không phải hành động mà là thông tin do ai đó cung cấp.' },
    ko: { label: '누구나', description: '행위가 아니라 누군가가 아는 바를 진술한 것이다.' },
  },
  'whose-events': {
    en: {
      label: 'Recorder of the events',
      description: 'It is an act of whoever recorded or asserted the events that it corrects or retracts.',
    },
    vi: { label: 'Bên đã ghi nhận', description: 'Là hành động của bên có sự kiện được đính chính hoặc rút lại.' },
    ko: { label: '해당 사건의 기록자', description: '정정하거나 철회하는 사건의 기록자가 하는 행위이다.' },
  },
} as const satisfies WordTable

/**
 * From which states an event is possible, in the words of the domain's table. The English text is in the definition of the event, and is
 * the key of the others.
 */
export const fromTexts = {
  nothing: { vi: 'chưa có đề xuất', ko: '제안이 아직 없을 때' },
  open: { vi: 'đề xuất đang mở', ko: '종결되지 않은 제안' },
  any: { vi: 'mọi đề xuất', ko: '모든 제안' },
  suspended: { vi: 'đề xuất đang tạm dừng', ko: '중단된 제안' },
  delivered: { vi: 'đã nghiệm thu, bàn giao', ko: '이행 완료된 제안' },
  'agreed, funded': { vi: 'đã nhất trí, đã bố trí vốn', ko: '합의 또는 재원 확정 단계' },
  'agreed, funded, delivered': {
    vi: 'đã nhất trí, đã bố trí vốn hoặc đã nghiệm thu, bàn giao',
    ko: '합의, 재원 확정 또는 이행 완료 단계',
  },
  'any, funded': { vi: 'mọi đề xuất đã bố trí vốn', ko: '재원이 확정된 모든 제안' },
  'as the profile of the kind says: proposed, agreed or funded': {
    vi: 'tùy loại hình: đề xuất, đã nhất trí hoặc đã bố trí vốn',
    ko: '유형에 따라 제안, 합의 또는 재원 확정 단계',
  },
  'ended, closed': { vi: 'đã kết thúc hoặc đã quyết toán', ko: '종료되었거나 정산 종결된 제안' },
  'open, agreed': { vi: 'đang mở và đã nhất trí', ko: '종결되지 않았고 합의된 제안' },
  'open, funded': { vi: 'đang mở và đã bố trí vốn', ko: '종결되지 않았고 재원이 확정된 제안' },
  'proposed, or delivered without it': {
    vi: 'mới đề xuất, hoặc đã nghiệm thu, bàn giao mà chưa ghi nhất trí',
    ko: '제안 단계, 또는 합의 기록 없이 이행 완료된 제안',
  },
  'sessions, open': { vi: 'khóa họp đang mở', ko: '종결되지 않은 회의' },
} as const satisfies Readonly<Record<string, Readonly<Record<Exclude<WordLanguage, 'en'>, string>>>>

/** From which states an event is possible, in English. */
export type FromText = keyof typeof fromTexts
