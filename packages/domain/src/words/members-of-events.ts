import type { WordTable } from './words.ts'

/** The members of every event, of any type. */
export const envelopeMemberWords = {
  type: {
    en: { label: 'Type of event', description: 'What happened.' },
    vi: { label: 'Loại sự kiện', description: 'Việc gì đã xảy ra.' },
    ko: { label: '사건 유형', description: '무슨 일이 있었는지를 나타낸다.' },
  },
  occurredOn: {
    en: { label: 'Date', description: 'When it happened, as precisely as is known.' },
    vi: { label: 'Ngày', description: 'Thời điểm xảy ra, chính xác đến mức đã biết.' },
    ko: { label: '일자', description: '일어난 때를 알려진 만큼 정확히 적는다.' },
  },
  assertedBy: {
    en: { label: 'Asserted by', description: 'The party that says so.' },
    vi: { label: 'Theo lời', description: 'Bên đã cung cấp thông tin.' },
    ko: { label: '진술 기관', description: '이 내용을 진술한 당사자이다.' },
  },
  confidence: {
    en: { label: 'Confidence', description: 'How sure the recorder is.' },
    vi: { label: 'Mức độ tin cậy', description: 'Mức độ chắc chắn của người ghi nhận.' },
    ko: { label: '신뢰도', description: '기록한 쪽이 얼마나 확신하는지를 나타낸다.' },
  },
  evidence: {
    en: { label: 'Evidence', description: 'The sources that support it.' },
    vi: { label: 'Minh chứng', description: 'Các nguồn làm căn cứ.' },
    ko: { label: '증빙', description: '근거가 되는 출처이다.' },
  },
  note: {
    en: { label: 'Note', description: 'A remark by the recorder.' },
    vi: { label: 'Ghi chú', description: 'Ghi chú của người ghi nhận.' },
    ko: { label: '비고', description: '기록한 쪽의 비고이다.' },
  },
  correlationId: {
    en: { label: 'Correlation id', description: 'An id, chosen by the caller, that groups related events.' },
    vi: { label: 'Mã liên hệ', description: 'Mã của các việc thuộc về nhau, do bên gọi đặt.' },
    ko: { label: '상관 ID', description: '함께 묶이는 일의 식별자로, 호출자가 정한다.' },
  },
  causationId: {
    en: { label: 'Causation id', description: 'An id, chosen by the caller, of what caused the event.' },
    vi: { label: 'Mã nguyên nhân', description: 'Mã của việc dẫn đến sự kiện này, do bên gọi đặt.' },
    ko: { label: '원인 ID', description: '이 사건을 일으킨 일의 식별자로, 호출자가 정한다.' },
  },
  position: {
    en: { label: 'Position', description: 'Its place in the log, counted from 1.' },
    vi: { label: 'Vị trí', description: 'Thứ tự trong sổ ghi, tính từ 1.' },
    ko: { label: '위치', description: '로그에서의 순서로, 1부터 센다.' },
  },
  recordedAt: {
    en: { label: 'Recorded at', description: 'The time at which it was recorded.' },
    vi: { label: 'Thời điểm ghi nhận', description: 'Thời điểm được ghi vào sổ.' },
    ko: { label: '기록 시각', description: '기록된 시각이다.' },
  },
  eventId: {
    en: { label: 'Event id', description: 'The id of the event in all systems.' },
    vi: { label: 'Mã sự kiện', description: 'Mã của sự kiện trong mọi hệ thống.' },
    ko: { label: '사건 ID', description: '모든 시스템에서 쓰는 사건의 식별자이다.' },
  },
  erased: {
    en: { label: 'Erased', description: 'Its texts were erased for ever; the event `erased` says why.' },
    vi: { label: 'Đã xóa', description: 'Nội dung chữ đã bị xóa vĩnh viễn; sự kiện `erased` nêu lý do.' },
    ko: { label: '삭제됨', description: '글 내용이 영구히 삭제되었다. 이유는 `erased` 사건에 있다.' },
  },
  leafHash: {
    en: { label: 'Leaf hash', description: 'The hash of the line as it was recorded, which is its leaf in the tree.' },
    vi: { label: 'Mã băm của lá', description: 'Mã băm của dòng như khi được ghi, tức lá của nó trong cây.' },
    ko: { label: '잎 해시', description: '기록된 당시 줄의 해시로, 트리에서의 잎이다.' },
  },
  'Erased.by': {
    en: { label: 'By', description: 'The id of the event that records the erasure.' },
    vi: { label: 'Bởi', description: 'Mã của sự kiện ghi nhận việc xóa.' },
    ko: { label: '삭제 사건', description: '삭제를 기록한 사건의 식별자이다.' },
  },
  nonce: {
    en: { label: 'Nonce', description: 'Random characters that protect short texts of the log from being guessed.' },
    vi: { label: 'Số ngẫu nhiên', description: 'Ký tự ngẫu nhiên để nội dung ngắn trong sổ không bị đoán ra.' },
    ko: { label: '난수', description: '짧은 내용이 추측되지 않게 하는 임의의 문자이다.' },
  },
  proposalId: {
    en: { label: 'Proposal id', description: 'The id of the proposal; it never changes.' },
    vi: { label: 'Mã đề xuất', description: 'Mã của đề xuất, không bao giờ thay đổi.' },
    ko: { label: '제안 ID', description: '제안의 식별자로, 바뀌지 않는다.' },
  },
  version: {
    en: { label: 'Version', description: 'The number of the event within its proposal.' },
    vi: { label: 'Phiên bản', description: 'Số thứ tự của sự kiện trong đề xuất.' },
    ko: { label: '버전', description: '제안 안에서의 사건 번호이다.' },
  },
  schemaVersion: {
    en: { label: 'Schema version', description: 'The version of the schema of its data.' },
    vi: { label: 'Phiên bản cấu trúc', description: 'Phiên bản cấu trúc của dữ liệu.' },
    ko: { label: '스키마 버전', description: '데이터 형식의 버전이다.' },
  },
  recordedBy: {
    en: {
      label: 'Recorded by',
      description: 'The caller that recorded it: its key, or the issuer of its token and its name there.',
    },
    vi: {
      label: 'Người ghi nhận',
      description: 'Bên gọi đã ghi nhận: khóa đã dùng, hoặc nơi cấp mã truy cập và tên ở đó.',
    },
    ko: { label: '기록자', description: '기록한 호출자: 기록할 때 쓴 키, 또는 토큰의 발급자와 그곳에서의 이름이다.' },
  },
  data: {
    en: { label: 'Data', description: 'The members that the type of event defines.' },
    vi: { label: 'Dữ liệu', description: 'Nội dung theo loại sự kiện.' },
    ko: { label: '데이터', description: '사건 유형에 따른 내용이다.' },
  },
  traceparent: {
    en: { label: 'Trace', description: 'The trace of the request (W3C Trace Context).' },
    vi: { label: 'Dấu vết', description: 'Dấu vết của yêu cầu (W3C Trace Context).' },
    ko: { label: '추적 정보', description: '요청의 추적 정보(W3C Trace Context)이다.' },
  },
  signature: {
    en: { label: 'Signature', description: 'The signature of the recorder, which nobody else can make.' },
    vi: { label: 'Chữ ký', description: 'Chữ ký của người ghi nhận; không ai khác tạo ra được.' },
    ko: { label: '서명', description: '기록자의 서명으로, 다른 누구도 만들 수 없다.' },
  },
  'Signature.key': {
    en: {
      label: 'Public key',
      description: 'The public key of the caller, with which everybody can check the signature.',
    },
    vi: { label: 'Khóa công khai', description: 'Khóa công khai của người ghi nhận, để ai cũng kiểm tra được chữ ký.' },
    ko: { label: '공개 키', description: '누구나 서명을 검증할 수 있는 기록자의 공개 키이다.' },
  },
  'Signature.log': {
    en: { label: 'Signed for log', description: 'The Log-Id of the log for which the event was signed.' },
    vi: { label: 'Ký cho sổ', description: 'Log-Id của sổ mà sự kiện được ký cho.' },
    ko: { label: '서명 대상 로그', description: '사건을 서명한 대상 로그의 Log-Id이다.' },
  },
  'Signature.once': {
    en: {
      label: 'Used once',
      description: 'A text that the caller never uses again, so that the event cannot be recorded twice.',
    },
    vi: { label: 'Dùng một lần', description: 'Chuỗi không bao giờ dùng lại, để sự kiện không bị ghi hai lần.' },
    ko: { label: '일회용 값', description: '다시 쓰지 않는 값으로, 사건이 두 번 기록되지 않게 한다.' },
  },
  'Signature.version': {
    en: { label: 'Signed version', description: 'The only version of its proposal that the event can become.' },
    vi: { label: 'Phiên bản đã ký', description: 'Phiên bản duy nhất của đề xuất mà sự kiện có thể trở thành.' },
    ko: { label: '서명한 버전', description: '사건이 될 수 있는 제안의 유일한 버전이다.' },
  },
  'Signature.value': {
    en: { label: 'Signature value', description: 'The Ed25519 signature itself.' },
    vi: { label: 'Giá trị chữ ký', description: 'Bản thân chữ ký Ed25519.' },
    ko: { label: '서명 값', description: 'Ed25519 서명 자체이다.' },
  },
} as const satisfies WordTable

/**
 * Members of event data, by name. If a name has another meaning in one event (or in one component of the OpenAPI documents), that event
 * comes before the name: `contributed-in-kind.item`.
 */
export const dataMemberWords = {
  acceptedBy: {
    en: { label: 'Accepted by', description: 'The parties that accepted the result.' },
    vi: { label: 'Bên nghiệm thu', description: 'Các bên đã nghiệm thu kết quả.' },
    ko: { label: '인수 기관', description: '결과물을 인수한 당사자이다.' },
  },
  act: {
    en: { label: 'Consent', description: 'What the party did towards an agreement.' },
    vi: { label: 'Hình thức chấp thuận', description: 'Việc bên đó đã làm để đi đến thỏa thuận.' },
    ko: { label: '동의 행위', description: '합의를 위해 당사자가 한 행위이다.' },
  },
  actual: {
    en: { label: 'Actual value', description: 'The value that was measured.' },
    vi: { label: 'Giá trị thực tế', description: 'Giá trị đã đo được.' },
    ko: { label: '실제값', description: '측정된 값이다.' },
  },
  agenda: {
    en: { label: 'Agenda', description: 'What a session is to discuss.' },
    vi: { label: 'Chương trình nghị sự', description: 'Nội dung khóa họp sẽ bàn.' },
    ko: { label: '의제', description: '회의에서 다룰 내용이다.' },
  },
  agreementNumber: {
    en: { label: 'Agreement number', description: 'The number of the funding agreement.' },
    vi: { label: 'Số hiệp định', description: 'Số của hiệp định cấp vốn.' },
    ko: { label: '협정 번호', description: '재원 협정의 번호이다.' },
  },
  amount: {
    en: { label: 'Amount', description: 'An exact amount in one currency.' },
    vi: { label: 'Số tiền', description: 'Số tiền chính xác bằng một loại tiền tệ.' },
    ko: { label: '금액', description: '한 통화로 된 정확한 금액이다.' },
  },
  amountStatus: {
    en: { label: 'Reason without amount', description: 'Why the amount is not given.' },
    vi: { label: 'Lý do không có số tiền', description: 'Vì sao không nêu số tiền.' },
    ko: { label: '금액 미기재 사유', description: '금액이 적히지 않은 까닭이다.' },
  },
  asOf: {
    en: { label: 'Confirmed as of', description: 'The day for which the record was confirmed to be right.' },
    vi: { label: 'Xác nhận đến ngày', description: 'Ngày mà hồ sơ được xác nhận là đúng.' },
    ko: { label: '확인 기준일', description: '기록이 맞는 것으로 확인된 날이다.' },
  },
  assessor: {
    en: { label: 'Assessor', description: 'The party that assessed.' },
    vi: { label: 'Bên đánh giá', description: 'Bên thực hiện đánh giá.' },
    ko: { label: '평가 기관', description: '평가한 당사자이다.' },
  },
  baseline: {
    en: { label: 'Baseline', description: 'The value at the beginning.' },
    vi: { label: 'Giá trị ban đầu', description: 'Giá trị khi bắt đầu.' },
    ko: { label: '기준값', description: '시작할 때의 값이다.' },
  },
  binding: {
    en: { label: 'Legally binding', description: 'Whether the document is legally binding.' },
    vi: { label: 'Ràng buộc pháp lý', description: 'Văn kiện có ràng buộc pháp lý hay không.' },
    ko: { label: '법적 구속력', description: '문서가 법적으로 구속하는지를 나타낸다.' },
  },
  by: {
    en: { label: 'By', description: 'The parties that ended it.' },
    vi: { label: 'Bên kết thúc', description: 'Các bên đã kết thúc đề xuất.' },
    ko: { label: '종료 주체', description: '제안을 끝낸 당사자이다.' },
  },
  changes: {
    en: { label: 'Changes', description: 'The terms and dates that hold from now on.' },
    vi: { label: 'Nội dung thay đổi', description: 'Điều khoản và thời hạn áp dụng từ nay.' },
    ko: { label: '변경 내용', description: '이제부터 적용되는 조건과 일정이다.' },
  },
  chosen: {
    en: { label: 'Chosen claim', description: 'The claim that was found to be right.' },
    vi: { label: 'Thông tin được xác định', description: 'Thông tin được xác định là đúng.' },
    ko: { label: '채택된 주장', description: '맞는 것으로 정해진 주장이다.' },
  },
  claim: {
    en: { label: 'Claim', description: 'What the other source says.' },
    vi: { label: 'Ý kiến khác', description: 'Nội dung mà nguồn khác nêu.' },
    ko: { label: '주장', description: '다른 출처가 말하는 내용이다.' },
  },
  complete: {
    en: { label: 'Complete', description: 'Whether everything promised was delivered.' },
    vi: { label: 'Hoàn tất', description: 'Đã bàn giao toàn bộ hay chưa.' },
    ko: { label: '전체 이행', description: '약속한 것을 모두 이행하였는지를 나타낸다.' },
  },
  corrections: {
    en: { label: 'Corrections', description: 'The events that were wrong, each with what is right.' },
    vi: { label: 'Nội dung đính chính', description: 'Các sự kiện sai, kèm nội dung đúng.' },
    ko: { label: '정정 내용', description: '잘못된 사건과 그 올바른 내용이다.' },
  },
  country: {
    en: { label: 'Country', description: 'The country of the organisation (ISO 3166-1).' },
    vi: { label: 'Quốc gia', description: 'Quốc gia của tổ chức (ISO 3166-1).' },
    ko: { label: '국가', description: '기관의 국가(ISO 3166-1)이다.' },
  },
  currency: {
    en: { label: 'Currency', description: 'The currency of the amount (ISO 4217).' },
    vi: { label: 'Loại tiền', description: 'Loại tiền tệ của số tiền (ISO 4217).' },
    ko: { label: '통화', description: '금액의 통화(ISO 4217)이다.' },
  },
  decision: {
    en: { label: 'Decision', description: 'The decision by which the terms were changed.' },
    vi: { label: 'Quyết định', description: 'Quyết định thay đổi điều khoản.' },
    ko: { label: '결정', description: '조건을 변경한 결정이다.' },
  },
  declaredCount: {
    en: { label: 'Declared items', description: 'How many items were announced.' },
    vi: { label: 'Số nội dung đã nêu', description: 'Số nội dung đã được công bố.' },
    ko: { label: '예고된 의제 수', description: '예고된 의제의 수이다.' },
  },
  deliverables: {
    en: { label: 'Deliverables', description: 'The results that were promised or handed over.' },
    vi: { label: 'Sản phẩm', description: 'Các kết quả đã cam kết hoặc đã bàn giao.' },
    ko: { label: '결과물', description: '약속하거나 인도한 결과물이다.' },
  },
  digest: {
    en: { label: 'Digest', description: 'The SHA-256 of the document, which shows whether the document was changed.' },
    vi: { label: 'Mã băm', description: 'SHA-256 của tài liệu để phát hiện thay đổi.' },
    ko: { label: '해시값', description: '문서의 변경을 알아볼 수 있는 SHA-256 값이다.' },
  },
  direction: {
    en: { label: 'Direction', description: 'How the actual value is compared with the target.' },
    vi: { label: 'Cách so sánh', description: 'Cách so sánh giá trị thực tế với mục tiêu.' },
    ko: { label: '비교 방향', description: '실제값을 목표값과 비교하는 방식이다.' },
  },
  due: {
    en: { label: 'Due', description: 'The date by which the milestone is to be reached.' },
    vi: { label: 'Thời hạn', description: 'Thời hạn phải đạt mốc.' },
    ko: { label: '기한', description: '중간 목표를 달성해야 하는 기한이다.' },
  },
  end: {
    en: { label: 'Planned end', description: 'When it is to end.' },
    vi: { label: 'Kết thúc dự kiến', description: 'Thời điểm dự kiến kết thúc.' },
    ko: { label: '종료 예정', description: '끝날 것으로 계획된 때이다.' },
  },
  ending: {
    en: { label: 'Ending', description: 'How it ended.' },
    vi: { label: 'Hình thức kết thúc', description: 'Đề xuất đã kết thúc như thế nào.' },
    ko: { label: '종료 유형', description: '어떻게 끝났는지를 나타낸다.' },
  },
  event: {
    en: { label: 'Event', description: 'The version of the event that is meant.' },
    vi: { label: 'Sự kiện', description: 'Phiên bản của sự kiện được nói đến.' },
    ko: { label: '대상 사건', description: '가리키는 사건의 버전이다.' },
  },
  events: {
    en: { label: 'Events', description: 'The versions of the events that are meant.' },
    vi: { label: 'Các sự kiện', description: 'Phiên bản của các sự kiện được nói đến.' },
    ko: { label: '대상 사건들', description: '가리키는 사건들의 버전이다.' },
  },
  fields: {
    en: { label: 'Fields', description: 'The fields of activity.' },
    vi: { label: 'Lĩnh vực', description: 'Các lĩnh vực hoạt động.' },
    ko: { label: '분야', description: '활동 분야이다.' },
  },
  financeType: {
    en: { label: 'Kind of finance', description: 'Grant, loan, state budget or own funds.' },
    vi: { label: 'Loại vốn', description: 'Viện trợ không hoàn lại, vốn vay, ngân sách nhà nước hoặc vốn tự có.' },
    ko: { label: '재원 유형', description: '무상, 유상, 정부 예산 또는 자체 재원이다.' },
  },
  form: {
    en: { label: 'Form', description: 'How firmly it was agreed.' },
    vi: { label: 'Hình thức thỏa thuận', description: 'Mức độ chính thức của thỏa thuận.' },
    ko: { label: '합의 형식', description: '어떤 형식으로 합의하였는지를 나타낸다.' },
  },
  group: {
    en: { label: 'Group', description: 'Whether it stands for several organisations without names.' },
    vi: { label: 'Nhóm', description: 'Đại diện cho nhiều tổ chức không nêu tên.' },
    ko: { label: '집단', description: '이름 없는 여러 기관을 가리키는지를 나타낸다.' },
  },
  indicator: {
    en: { label: 'Indicator', description: 'The id of the indicator.' },
    vi: { label: 'Chỉ số', description: 'Mã của chỉ số.' },
    ko: { label: '지표', description: '지표의 식별자이다.' },
  },
  instrument: {
    en: { label: 'Instrument', description: 'The document that contains the agreement.' },
    vi: { label: 'Văn kiện', description: 'Văn kiện ghi nhận thỏa thuận.' },
    ko: { label: '합의 문서', description: '합의를 담은 문서이다.' },
  },
  item: {
    en: { label: 'Item number', description: 'The number of the item on the agenda.' },
    vi: { label: 'Số nội dung', description: 'Số thứ tự của nội dung trong chương trình nghị sự.' },
    ko: { label: '의제 번호', description: '의제의 번호이다.' },
  },
  'contributed-in-kind.item': {
    en: { label: 'Contribution', description: 'What is given.' },
    vi: { label: 'Hiện vật', description: 'Những gì được đóng góp.' },
    ko: { label: '기여 내용', description: '제공하는 것이다.' },
  },
  items: {
    en: { label: 'Items', description: 'The items of the agenda.' },
    vi: { label: 'Các nội dung', description: 'Các nội dung của chương trình nghị sự.' },
    ko: { label: '의제 목록', description: '의제의 항목이다.' },
  },
  kind: {
    en: { label: 'Kind', description: 'The kind of commitment.' },
    vi: { label: 'Loại hình', description: 'Loại hình của cam kết.' },
    ko: { label: '유형', description: '약속의 유형이다.' },
  },
  language: {
    en: { label: 'Language', description: 'The language of the document.' },
    vi: { label: 'Ngôn ngữ', description: 'Ngôn ngữ của tài liệu.' },
    ko: { label: '언어', description: '문서의 언어이다.' },
  },
  leadsTo: {
    en: { label: 'Leads to', description: 'The proposals to which the item leads.' },
    vi: { label: 'Dẫn đến', description: 'Các đề xuất phát sinh từ nội dung này.' },
    ko: { label: '후속 제안', description: '이 의제에서 이어지는 제안이다.' },
  },
  line: {
    en: { label: 'Funding line', description: 'The id of the funding line.' },
    vi: { label: 'Khoản vốn', description: 'Mã của khoản vốn.' },
    ko: { label: '재원 항목', description: '재원 항목의 식별자이다.' },
  },
  method: {
    en: { label: 'Method of valuation', description: 'How the value was worked out.' },
    vi: { label: 'Phương pháp định giá', description: 'Cách xác định giá trị.' },
    ko: { label: '평가 방법', description: '가치를 산정한 방법이다.' },
  },
  milestone: {
    en: { label: 'Milestone', description: 'The id of the milestone.' },
    vi: { label: 'Mốc', description: 'Mã của mốc.' },
    ko: { label: '중간 목표', description: '중간 목표의 식별자이다.' },
  },
  name: {
    en: { label: 'Name', description: 'The name of the organisation.' },
    vi: { label: 'Tên', description: 'Tên tổ chức.' },
    ko: { label: '이름', description: '기관의 이름이다.' },
  },
  number: {
    en: { label: 'Number', description: 'The number of the document.' },
    vi: { label: 'Số hiệu', description: 'Số hiệu của văn kiện.' },
    ko: { label: '문서 번호', description: '문서의 번호이다.' },
  },
  objectives: {
    en: { label: 'Objectives', description: 'What is to be achieved.' },
    vi: { label: 'Mục tiêu', description: 'Mục tiêu cần đạt.' },
    ko: { label: '목표', description: '이루고자 하는 바이다.' },
  },
  obligatory: {
    en: { label: 'Obligatory', description: 'Whether it must be reached before delivery.' },
    vi: { label: 'Bắt buộc', description: 'Phải đạt trước khi nghiệm thu hay không.' },
    ko: { label: '필수 여부', description: '이행 완료 전에 반드시 달성해야 하는지를 나타낸다.' },
  },
  other: {
    en: { label: 'Other proposal', description: 'The proposal at the other end of the link.' },
    vi: { label: 'Đề xuất liên quan', description: 'Đề xuất ở đầu kia của liên kết.' },
    ko: { label: '다른 제안', description: '연결된 상대 제안이다.' },
  },
  outcome: {
    en: { label: 'Outcome', description: 'The result.' },
    vi: { label: 'Kết quả', description: 'Kết quả đạt được.' },
    ko: { label: '결과', description: '어떻게 되었는지를 나타낸다.' },
  },
  parent: {
    en: { label: 'Programme', description: 'The proposal of which this one is a part.' },
    vi: { label: 'Chương trình cấp trên', description: 'Đề xuất mà đề xuất này là một phần.' },
    ko: { label: '상위 제안', description: '이 제안이 속한 제안이다.' },
  },
  partial: {
    en: { label: 'Partial', description: 'Whether the source supports only part of the event.' },
    vi: { label: 'Một phần', description: 'Nguồn chỉ xác nhận một phần sự kiện.' },
    ko: { label: '부분 증빙', description: '출처가 사건의 일부만 뒷받침하는지를 나타낸다.' },
  },
  parties: {
    en: { label: 'Parties', description: 'The organisations that take part, with their roles.' },
    vi: { label: 'Các bên', description: 'Các tổ chức tham gia và vai trò.' },
    ko: { label: '당사자', description: '참여하는 기관과 그 역할이다.' },
  },
  'agreed.parties': {
    en: { label: 'Agreeing parties', description: 'The parties that agreed.' },
    vi: { label: 'Các bên thỏa thuận', description: 'Các bên đã thỏa thuận.' },
    ko: { label: '합의 당사자', description: '합의한 당사자이다.' },
  },
  party: {
    en: { label: 'Party', description: 'The organisation that is meant.' },
    vi: { label: 'Bên', description: 'Tổ chức được nói đến.' },
    ko: { label: '당사자', description: '가리키는 기관이다.' },
  },
  period: {
    en: { label: 'Period', description: 'The time to which the value or judgement refers.' },
    vi: { label: 'Kỳ', description: 'Khoảng thời gian của số liệu hoặc đánh giá.' },
    ko: { label: '대상 기간', description: '값이나 평가가 가리키는 기간이다.' },
  },
  place: {
    en: { label: 'Place', description: 'Where it is to take place.' },
    vi: { label: 'Địa điểm', description: 'Nơi dự kiến thực hiện.' },
    ko: { label: '장소', description: '이루어질 곳이다.' },
  },
  planned: {
    en: { label: 'Plan', description: 'Planned start, end and place.' },
    vi: { label: 'Kế hoạch', description: 'Thời gian bắt đầu, kết thúc và địa điểm dự kiến.' },
    ko: { label: '계획', description: '계획된 시작, 종료와 장소이다.' },
  },
  pledge: {
    en: { label: 'Pledge', description: 'The id of the pledge.' },
    vi: { label: 'Mã cam kết', description: 'Mã của khoản cam kết chưa ràng buộc.' },
    ko: { label: '공여 의사', description: '표명된 공여 의사의 식별자이다.' },
  },
  provider: {
    en: { label: 'Provider', description: 'The party that gives the money or the goods.' },
    vi: { label: 'Bên cấp', description: 'Bên cấp vốn hoặc hiện vật.' },
    ko: { label: '제공 기관', description: '자금이나 현물을 제공하는 당사자이다.' },
  },
  publishedOn: {
    en: { label: 'Published on', description: 'When the document was published.' },
    vi: { label: 'Ngày công bố', description: 'Thời điểm công bố tài liệu.' },
    ko: { label: '공표일', description: '문서가 공표된 때이다.' },
  },
  publisher: {
    en: { label: 'Publisher', description: 'Who published the document.' },
    vi: { label: 'Nơi công bố', description: 'Cơ quan công bố tài liệu.' },
    ko: { label: '공표 기관', description: '문서를 공표한 곳이다.' },
  },
  quantity: {
    en: { label: 'Quantity', description: 'How much is given.' },
    vi: { label: 'Số lượng', description: 'Số lượng đóng góp.' },
    ko: { label: '수량', description: '제공하는 양이다.' },
  },
  rationale: {
    en: { label: 'Rationale', description: 'Why the terms were changed.' },
    vi: { label: 'Lý do thay đổi', description: 'Vì sao thay đổi điều khoản.' },
    ko: { label: '변경 사유', description: '조건을 변경한 까닭이다.' },
  },
  reason: {
    en: { label: 'Reason', description: 'Why it happened.' },
    vi: { label: 'Lý do', description: 'Vì sao có sự kiện này.' },
    ko: { label: '사유', description: '그렇게 된 까닭이다.' },
  },
  receiver: {
    en: { label: 'Receiver', description: 'The party that gets the money.' },
    vi: { label: 'Bên tiếp nhận', description: 'Bên nhận vốn.' },
    ko: { label: '수령 기관', description: '자금을 받는 당사자이다.' },
  },
  relation: {
    en: { label: 'Relation', description: 'How this proposal is related to the other.' },
    vi: { label: 'Quan hệ', description: 'Quan hệ của đề xuất này với đề xuất kia.' },
    ko: { label: '관계', description: '이 제안과 다른 제안의 관계이다.' },
  },
  remaining: {
    en: { label: 'Open money', description: 'What happens to the undisbursed money.' },
    vi: { label: 'Vốn còn lại', description: 'Xử lý phần vốn chưa giải ngân.' },
    ko: { label: '잔액 처리', description: '미집행 자금을 어떻게 하는지를 나타낸다.' },
  },
  requestedFunding: {
    en: { label: 'Requested funding', description: 'The money that was asked for.' },
    vi: { label: 'Vốn đề nghị', description: 'Phần vốn đã đề nghị.' },
    ko: { label: '요청 재원', description: '요청한 자금이다.' },
  },
  roles: {
    en: { label: 'Roles', description: 'What the party does in the proposal.' },
    vi: { label: 'Vai trò', description: 'Vai trò của bên trong đề xuất.' },
    ko: { label: '역할', description: '당사자가 제안에서 맡는 일이다.' },
  },
  scale: {
    en: { label: 'Scale', description: 'The scale of the judgement.' },
    vi: { label: 'Thang đánh giá', description: 'Thang điểm dùng để đánh giá.' },
    ko: { label: '평가 척도', description: '평가에 쓴 척도이다.' },
  },
  score: {
    en: { label: 'Score', description: 'The judgement on that scale.' },
    vi: { label: 'Điểm', description: 'Kết quả theo thang đánh giá.' },
    ko: { label: '평가 결과', description: '그 척도에 따른 평가이다.' },
  },
  severity: {
    en: { label: 'Severity', description: 'How serious the risk is.' },
    vi: { label: 'Mức độ nghiêm trọng', description: 'Mức độ nghiêm trọng của rủi ro.' },
    ko: { label: '심각도', description: '위험이 얼마나 심각한지를 나타낸다.' },
  },
  signedOn: {
    en: { label: 'Signed on', description: 'When the document was signed.' },
    vi: { label: 'Ngày ký', description: 'Thời điểm ký văn kiện.' },
    ko: { label: '서명일', description: '문서에 서명한 때이다.' },
  },
  start: {
    en: { label: 'Planned start', description: 'When it is to begin.' },
    vi: { label: 'Bắt đầu dự kiến', description: 'Thời điểm dự kiến bắt đầu.' },
    ko: { label: '시작 예정', description: '시작할 것으로 계획된 때이다.' },
  },
  summary: {
    en: { label: 'Summary', description: 'What it is about.' },
    vi: { label: 'Tóm tắt', description: 'Nội dung chính của đề xuất.' },
    ko: { label: '요약', description: '무엇에 관한 것인지를 나타낸다.' },
  },
  supports: {
    en: { label: 'Supports', description: 'The fact that the source supports.' },
    vi: { label: 'Nội dung xác nhận', description: 'Sự việc mà nguồn xác nhận.' },
    ko: { label: '입증 내용', description: '출처가 뒷받침하는 사실이다.' },
  },
  target: {
    en: { label: 'Target', description: 'The value that is to be reached.' },
    vi: { label: 'Mục tiêu', description: 'Giá trị cần đạt.' },
    ko: { label: '목표값', description: '도달해야 하는 값이다.' },
  },
  terms: {
    en: { label: 'Terms', description: 'What was agreed: objectives, results and dates.' },
    vi: { label: 'Điều khoản', description: 'Nội dung thỏa thuận: mục tiêu, sản phẩm và thời hạn.' },
    ko: { label: '합의 조건', description: '합의한 목표, 결과물, 일정이다.' },
  },
  title: {
    en: { label: 'Title', description: 'What it is called.' },
    vi: { label: 'Tên gọi', description: 'Tên gọi.' },
    ko: { label: '제목', description: '부르는 이름이다.' },
  },
  to: {
    en: { label: 'New date', description: 'The date that holds from now on; none means postponed without a date.' },
    vi: { label: 'Thời hạn mới', description: 'Thời hạn áp dụng từ nay; để trống nghĩa là hoãn chưa định ngày.' },
    ko: { label: '변경 일자', description: '이제부터 적용되는 날짜로, 없으면 미정으로 미룬 것이다.' },
  },
  decidedBy: {
    en: { label: 'Decided by', description: 'Who decided that, such as an office and the number of its decision.' },
    vi: { label: 'Người quyết định', description: 'Bên đã quyết định, ví dụ cơ quan và số quyết định.' },
    ko: { label: '결정한 곳', description: '결정한 기관과 결정 번호 등이다.' },
  },
  proposedBy: {
    en: { label: 'Proposed by', description: 'The caller that proposed it; another one approved it.' },
    vi: { label: 'Người đề nghị', description: 'Bên gọi đã đề nghị; một bên khác đã duyệt.' },
    ko: { label: '제안한 호출자', description: '제안한 호출자이며, 승인은 다른 호출자가 했다.' },
  },
  tranche: {
    en: { label: 'Tranche', description: 'The id of the tranche.' },
    vi: { label: 'Đợt giải ngân', description: 'Mã của đợt giải ngân.' },
    ko: { label: '분할 지급분', description: '분할 지급분의 식별자이다.' },
  },
  transaction: {
    en: { label: 'Transaction', description: 'The id of the payment.' },
    vi: { label: 'Giao dịch', description: 'Mã của khoản thanh toán.' },
    ko: { label: '거래', description: '지급 거래의 식별자이다.' },
  },
  unit: {
    en: { label: 'Unit', description: 'The unit of measurement.' },
    vi: { label: 'Đơn vị', description: 'Đơn vị đo.' },
    ko: { label: '단위', description: '측정 단위이다.' },
  },
  until: {
    en: { label: 'Until', description: 'When the suspension is to end.' },
    vi: { label: 'Đến khi', description: 'Thời điểm dự kiến hết tạm dừng.' },
    ko: { label: '중단 종료 예정', description: '중단이 끝날 것으로 예상되는 때이다.' },
  },
  url: {
    en: { label: 'Address', description: 'Where the document can be read.' },
    vi: { label: 'Địa chỉ', description: 'Nơi có thể đọc tài liệu.' },
    ko: { label: '주소', description: '문서를 볼 수 있는 주소이다.' },
  },
  valuation: {
    en: { label: 'Valuation', description: 'What the contribution is worth, and how that was worked out.' },
    vi: { label: 'Định giá', description: 'Giá trị của khoản đóng góp và cách xác định.' },
    ko: { label: '가치 평가', description: '기여의 가치와 그 산정 방법이다.' },
  },
  value: {
    en: { label: 'Value', description: 'The amount as a decimal number.' },
    vi: { label: 'Giá trị', description: 'Số tiền dạng số thập phân.' },
    ko: { label: '값', description: '십진수로 쓴 금액이다.' },
  },
  valueDate: {
    en: { label: 'Value date', description: 'The day on which the money moves.' },
    vi: { label: 'Ngày giá trị', description: 'Ngày tiền được chuyển.' },
    ko: { label: '결제일', description: '자금이 이동하는 날이다.' },
  },
  when: {
    en: { label: 'Planned for', description: 'When the money is to be paid.' },
    vi: { label: 'Dự kiến', description: 'Thời điểm dự kiến thanh toán.' },
    ko: { label: '지급 예정', description: '지급할 것으로 계획된 때이다.' },
  },
  which: {
    en: { label: 'Which date', description: 'The planned start, the planned end or a milestone.' },
    vi: { label: 'Thời hạn nào', description: 'Thời điểm bắt đầu, kết thúc dự kiến hoặc một mốc.' },
    ko: { label: '대상 일정', description: '시작 예정, 종료 예정 또는 중간 목표이다.' },
  },
} as const satisfies WordTable
