import type { WordTable } from './words.ts'

export const groupWords = {
  act: {
    en: { label: 'Acts', description: 'From the proposal to its end: what changes the stage or the ending.' },
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
    en: { label: 'Sessions', description: 'Agenda of a session and the outcome of its items.' },
    vi: { label: 'Khóa họp', description: 'Chương trình nghị sự và kết luận từng nội dung.' },
    ko: { label: '회의', description: '회의 의제와 그 처리 결과이다.' },
  },
} as const satisfies WordTable

/** What a proposal must be so that an event is possible. */
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

/** Whose act an event is. */
export const actorWords = {
  named: {
    en: { label: 'Named parties', description: 'It is an act of the parties that it names.' },
    vi: { label: 'Các bên được nêu', description: 'Là hành động của các bên được nêu trong sự kiện.' },
    ko: { label: '명시된 당사자', description: '사건에 명시된 당사자의 행위이다.' },
  },
  'a-party': {
    en: { label: 'A party', description: 'It is an act of a party of the proposal that it does not name.' },
    vi: { label: 'Một bên', description: 'Là hành động của một bên trong đề xuất mà sự kiện không nêu tên.' },
    ko: { label: '어느 당사자', description: '사건에 명시되지 않은 제안 당사자의 행위이다.' },
  },
  anybody: {
    en: { label: 'Anybody', description: 'It is no act, but a statement of what somebody knows.' },
    vi: { label: 'Bất kỳ ai', description: 'Không phải hành động mà là thông tin do ai đó cung cấp.' },
    ko: { label: '누구나', description: '행위가 아니라 누군가가 아는 바를 진술한 것이다.' },
  },
  'whose-events': {
    en: { label: 'Recorder of the events', description: 'It is an act of those whose events it corrects or retracts.' },
    vi: { label: 'Bên đã ghi nhận', description: 'Là hành động của bên có sự kiện được đính chính hoặc rút lại.' },
    ko: { label: '해당 사건의 기록자', description: '정정하거나 철회하는 사건의 기록자가 하는 행위이다.' },
  },
} as const satisfies WordTable
