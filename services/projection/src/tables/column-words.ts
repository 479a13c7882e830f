/** The words of columns. Where a column is a member of the API, it has the words of that member. */
import { domainVocabulary, type Words, type WordTable, wordLanguages } from '@commitments/domain'

/** Columns that are no members, or mean something else than the member of their name. */
const own = {
  titles: {
    en: { label: 'Title in all languages', description: 'The title in every language that is recorded, as JSON.' },
    vi: { label: 'Tên bằng mọi ngôn ngữ', description: 'Tên bằng mọi ngôn ngữ đã ghi, dạng JSON.' },
    ko: { label: '모든 언어의 제목', description: '기록된 모든 언어의 제목으로, JSON 형식이다.' },
  },
  agreedOn: {
    en: { label: 'Agreed on', description: 'When it was agreed.' },
    vi: { label: 'Ngày nhất trí', description: 'Thời điểm nhất trí.' },
    ko: { label: '합의일', description: '합의한 때이다.' },
  },
  contestedNow: {
    en: { label: 'Contested', description: 'Whether a claim against a recorded fact is unresolved.' },
    vi: { label: 'Có ý kiến khác', description: 'Có thông tin trái với điều đã ghi mà chưa giải quyết hay không.' },
    ko: { label: '이견 여부', description: '기록된 사실에 대한 이견이 해결되지 않았는지를 나타낸다.' },
  },
  dueOf: {
    en: { label: 'What is due', description: '`planned-end`, or the id of a milestone.' },
    vi: { label: 'Thời hạn nào', description: '`planned-end`, hoặc mã của một mốc.' },
    ko: { label: '기한의 대상', description: '`planned-end` 또는 중간 목표의 식별자이다.' },
  },
  page: {
    en: { label: 'Page', description: 'The address of the proposal on the board, as it was at this moment.' },
    vi: { label: 'Trang', description: 'Địa chỉ của đề xuất trên bảng theo dõi, theo thời điểm này.' },
    ko: { label: '페이지', description: '현황판에 있는 이 시점 제안의 주소이다.' },
  },
  role: {
    en: { label: 'Role', description: 'What the party does in the proposal; one row for each role.' },
    vi: { label: 'Vai trò', description: 'Vai trò của bên trong đề xuất; mỗi vai trò một dòng.' },
    ko: { label: '역할', description: '당사자가 제안에서 맡는 일로, 역할마다 한 행이다.' },
  },
  former: {
    en: { label: 'Left', description: 'Whether the party has left the proposal.' },
    vi: { label: 'Đã rút', description: 'Bên này đã rút khỏi đề xuất hay chưa.' },
    ko: { label: '이탈 여부', description: '당사자가 제안에서 나갔는지를 나타낸다.' },
  },
  leftOn: {
    en: { label: 'Left on', description: 'When the party left.' },
    vi: { label: 'Ngày rút', description: 'Thời điểm bên này rút.' },
    ko: { label: '이탈일', description: '당사자가 나간 때이다.' },
  },
  eventOf: {
    en: { label: 'Version', description: 'The number, within the proposal, of the event that says so.' },
    vi: { label: 'Phiên bản', description: 'Số thứ tự, trong đề xuất, của sự kiện nêu điều này.' },
    ko: { label: '버전', description: '이를 기록한 사건의 제안 안에서의 번호이다.' },
  },
  positionOf: {
    en: { label: 'Position', description: 'The place in the log of the event that says so: for joining and proving.' },
    vi: { label: 'Vị trí', description: 'Vị trí trong sổ của sự kiện nêu điều này, để ghép bảng và chứng minh.' },
    ko: { label: '위치', description: '이를 기록한 사건의 로그 위치로, 결합과 증명에 쓴다.' },
  },
  figure: {
    en: { label: 'Figure', description: 'Which figure the amount belongs to. Figures are never added to each other.' },
    vi: { label: 'Chỉ tiêu', description: 'Số tiền thuộc chỉ tiêu nào. Không cộng các chỉ tiêu với nhau.' },
    ko: { label: '수치 구분', description: '금액이 어느 수치에 속하는지를 나타낸다. 서로 다른 수치는 더하지 않는다.' },
  },
  itemOf: {
    en: {
      label: 'Item',
      description: 'The id of the funding line, pledge, tranche or payment; for others, their number in the proposal.',
    },
    vi: {
      label: 'Mục',
      description: 'Mã của khoản vốn, cam kết, đợt giải ngân hoặc khoản thanh toán; nếu không thì số thứ tự.',
    },
    ko: { label: '항목', description: '재원 항목, 공여 의사, 분할 지급분, 거래의 식별자이며, 그 밖에는 순번이다.' },
  },
  counted: {
    en: {
      label: 'In the totals',
      description:
        'Whether the row is in the totals of this view. Add up rows with `true` only, by figure and currency.',
    },
    vi: {
      label: 'Tính vào tổng',
      description:
        'Dòng này có trong tổng của lựa chọn này hay không. Chỉ cộng các dòng `true`, theo chỉ tiêu và loại tiền.',
    },
    ko: {
      label: '합계 포함',
      description: '이 조회의 합계에 들어가는지를 나타낸다. `true`인 행만 수치와 통화별로 더한다.',
    },
  },
  reduction: {
    en: {
      label: 'Taken off',
      description: 'What was decommitted or refunded. The amount is already without it.',
    },
    vi: { label: 'Đã trừ', description: 'Phần đã hủy hoặc hoàn trả. Số tiền đã trừ phần này.' },
    ko: { label: '차감액', description: '약정이 취소되었거나 환급된 금액이다. 금액은 이미 이를 뺀 것이다.' },
  },
  moneyDate: {
    en: { label: 'Value date or plan', description: 'When the money moves; for a tranche, when it is planned to.' },
    vi: { label: 'Ngày giá trị hoặc dự kiến', description: 'Khi tiền được chuyển; với đợt giải ngân là khi dự kiến.' },
    ko: { label: '결제일 또는 예정일', description: '자금이 이동하는 때이며, 분할 지급분은 예정된 때이다.' },
  },
  given: {
    en: { label: 'Given in kind', description: 'What is given that is not money.' },
    vi: { label: 'Hiện vật', description: 'Phần đóng góp không phải tiền.' },
    ko: { label: '현물', description: '돈이 아닌 제공물이다.' },
  },
  milestoneTitle: {
    en: { label: 'Title', description: 'What is to be reached.' },
    vi: { label: 'Tên mốc', description: 'Việc cần đạt.' },
    ko: { label: '제목', description: '달성할 내용이다.' },
  },
  reachedOn: {
    en: { label: 'Outcome on', description: 'When the outcome came about.' },
    vi: { label: 'Ngày có kết quả', description: 'Thời điểm có kết quả.' },
    ko: { label: '결과 일자', description: '결과가 나온 때이다.' },
  },
  slippedAtLeast: {
    en: {
      label: 'Days late, at least',
      description: 'The fewest days of slippage that are possible; negative: early.',
    },
    vi: { label: 'Số ngày chậm, ít nhất', description: 'Số ngày chậm ít nhất có thể; số âm: sớm.' },
    ko: { label: '최소 지연 일수', description: '가능한 가장 적은 지연 일수로, 음수는 앞당겨짐을 뜻한다.' },
  },
  slippedAtMost: {
    en: { label: 'Days late, at most', description: 'The most days of slippage that are possible; negative: early.' },
    vi: { label: 'Số ngày chậm, nhiều nhất', description: 'Số ngày chậm nhiều nhất có thể; số âm: sớm.' },
    ko: { label: '최대 지연 일수', description: '가능한 가장 많은 지연 일수로, 음수는 앞당겨짐을 뜻한다.' },
  },
  otherTitle: {
    en: { label: 'Title of the other', description: 'The title of the other proposal; empty if it is not there.' },
    vi: { label: 'Tên đề xuất liên quan', description: 'Tên của đề xuất kia; trống nếu không có.' },
    ko: { label: '다른 제안의 제목', description: '상대 제안의 제목으로, 없으면 비어 있다.' },
  },
  evidenceNumber: {
    en: { label: 'Number', description: 'The number of the piece of evidence within its event, from 1.' },
    vi: { label: 'Số thứ tự', description: 'Số thứ tự của minh chứng trong sự kiện, tính từ 1.' },
    ko: { label: '순번', description: '사건 안에서의 증빙 순번으로, 1부터 센다.' },
  },
  sourceTitle: {
    en: { label: 'Title of the source', description: 'The title of the document, as it is cited.' },
    vi: { label: 'Tên nguồn', description: 'Tên tài liệu như được trích dẫn.' },
    ko: { label: '출처 제목', description: '인용된 대로의 문서 제목이다.' },
  },
  attachedTo: {
    en: { label: 'Attached to', description: 'The version of the event that it was attached to later; usually empty.' },
    vi: { label: 'Bổ sung cho', description: 'Phiên bản của sự kiện được bổ sung minh chứng; thường để trống.' },
    ko: { label: '추가 대상', description: '나중에 증빙이 추가된 사건의 버전으로, 보통 비어 있다.' },
  },
  eventEvidence: {
    en: { label: 'Pieces of evidence', description: 'How many pieces of evidence the event came with.' },
    vi: { label: 'Số minh chứng', description: 'Số minh chứng kèm theo sự kiện.' },
    ko: { label: '증빙 수', description: '사건에 딸린 증빙의 수이다.' },
  },
  correctedBy: {
    en: { label: 'Corrected by', description: 'The versions of the corrections in force.' },
    vi: { label: 'Được đính chính bởi', description: 'Phiên bản của các đính chính đang có hiệu lực.' },
    ko: { label: '정정 사건', description: '유효한 정정 사건들의 버전이다.' },
  },
  signed: {
    en: { label: 'Signed', description: 'Whether the recorder signed the event.' },
    vi: { label: 'Có chữ ký', description: 'Người ghi nhận có ký sự kiện hay không.' },
    ko: { label: '서명 여부', description: '기록자가 사건에 서명했는지를 나타낸다.' },
  },
} as const satisfies WordTable

/** @throws if nobody has words for it: a mistake in a definition, which every test finds */
export function columnWords(name: string): Words {
  const members: WordTable = domainVocabulary.members
  const words = (own as WordTable)[name] ?? members[name]
  if (words === undefined) throw new Error(`The column ${name} has no words.`)
  return words
}

/** What a column beside another one adds to its label, and how it is described. */
const derived = {
  First: {
    en: ['first day', 'The first possible day of the date in the column before.'],
    vi: ['ngày đầu', 'Ngày sớm nhất có thể của ngày ở cột trước.'],
    ko: ['첫날', '앞 열 일자의 가능한 첫날이다.'],
  },
  Last: {
    en: ['last day', 'The last possible day of that date.'],
    vi: ['ngày cuối', 'Ngày muộn nhất có thể của ngày đó.'],
    ko: ['끝날', '그 일자의 가능한 마지막 날이다.'],
  },
  Label: {
    en: ['in words', 'What the code in the column before is called.'],
    vi: ['bằng lời', 'Tên gọi của mã ở cột trước.'],
    ko: ['명칭', '앞 열 코드의 명칭이다.'],
  },
  Name: {
    en: ['name', 'The name in force of the party in the column before.'],
    vi: ['tên', 'Tên hiện hành của bên ở cột trước.'],
    ko: ['이름', '앞 열 당사자의 현재 명칭이다.'],
  },
  Country: {
    en: ['country', 'The country of that party (ISO 3166-1).'],
    vi: ['quốc gia', 'Quốc gia của bên đó (ISO 3166-1).'],
    ko: ['국가', '그 당사자의 국가(ISO 3166-1)이다.'],
  },
} as const

/** The words of a column that says more about the one called `name`. */
export function derivedWords(name: string, suffix: keyof typeof derived): Words {
  const base = columnWords(name)
  const worded = wordLanguages.map((language) => {
    const [addition, description] = derived[suffix][language]
    return [language, { label: `${base[language].label}: ${addition}`, description }]
  })
  return Object.fromEntries(worded) as Words
}
