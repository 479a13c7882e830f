import type { WordTable } from './words.ts'

/** Members of a proposal's status that event data do not have; names with several meanings follow the same rule. */
export const statusMemberWords = {
  agreed: {
    en: { label: 'Agreed', description: 'The act of agreeing, and its date.' },
    vi: { label: 'Nhất trí', description: 'Việc nhất trí và ngày diễn ra.' },
    ko: { label: '합의', description: '합의 행위와 그 일자이다.' },
  },
  agreement: {
    en: { label: 'Agreement', description: 'How and by whom it was agreed, with its terms.' },
    vi: { label: 'Thỏa thuận', description: 'Hình thức, các bên và điều khoản đã thỏa thuận.' },
    ko: { label: '합의', description: '합의의 형식, 당사자, 조건이다.' },
  },
  amendments: {
    en: { label: 'Amendments', description: 'Changes of the terms, with the earlier terms.' },
    vi: { label: 'Sửa đổi, bổ sung', description: 'Các lần thay đổi điều khoản, kèm điều khoản trước đó.' },
    ko: { label: '변경 합의', description: '조건의 변경과 변경 전 조건이다.' },
  },
  assessments: {
    en: { label: 'Assessments', description: 'Judgements by outsiders.' },
    vi: { label: 'Đánh giá', description: 'Các đánh giá từ bên ngoài.' },
    ko: { label: '평가', description: '외부 기관의 평가이다.' },
  },
  atLeast: {
    en: { label: 'At least', description: 'The fewest days that are possible.' },
    vi: { label: 'Ít nhất', description: 'Số ngày ít nhất có thể.' },
    ko: { label: '최소', description: '가능한 가장 적은 일수이다.' },
  },
  atMost: {
    en: { label: 'At most', description: 'The most days that are possible.' },
    vi: { label: 'Nhiều nhất', description: 'Số ngày nhiều nhất có thể.' },
    ko: { label: '최대', description: '가능한 가장 많은 일수이다.' },
  },
  attachedEvidence: {
    en: { label: 'Later evidence', description: 'Evidence that was attached to an event later.' },
    vi: { label: 'Minh chứng bổ sung', description: 'Minh chứng được bổ sung sau cho một sự kiện.' },
    ko: { label: '추가 증빙', description: '나중에 사건에 추가된 증빙이다.' },
  },
  before: {
    en: { label: 'Before', description: 'What held before the change.' },
    vi: { label: 'Trước đó', description: 'Nội dung trước khi thay đổi.' },
    ko: { label: '변경 전', description: '변경하기 전의 내용이다.' },
  },
  children: {
    en: { label: 'Parts', description: 'The parts of this proposal.' },
    vi: { label: 'Đề xuất thành phần', description: 'Các phần của đề xuất này.' },
    ko: { label: '하위 제안', description: '이 제안의 부분이다.' },
  },
  childrenTotal: {
    en: { label: 'Number of parts', description: 'How many parts it has.' },
    vi: { label: 'Số đề xuất thành phần', description: 'Số phần của đề xuất này.' },
    ko: { label: '하위 제안 수', description: '부분의 수이다.' },
  },
  code: {
    en: { label: 'Code', description: 'Why no further events of the proposal are applied.' },
    vi: { label: 'Mã', description: 'Vì sao hồ sơ của đề xuất đứng yên.' },
    ko: { label: '코드', description: '제안의 기록이 멈춘 까닭이다.' },
  },
  committed: {
    en: { label: 'Committed', description: 'Money that is firmly promised in writing.' },
    vi: { label: 'Vốn cam kết', description: 'Vốn đã cam kết chắc chắn bằng văn bản.' },
    ko: { label: '약정', description: '서면으로 확정된 자금이다.' },
  },
  condition: {
    en: { label: 'Condition', description: 'How the proposal stands on that day.' },
    vi: { label: 'Tình trạng', description: 'Tình trạng vào ngày đó.' },
    ko: { label: '상태', description: '해당 일자의 상태이다.' },
  },
  consents: {
    en: { label: 'Consents', description: 'Steps of individual parties towards an agreement.' },
    vi: { label: 'Chấp thuận', description: 'Các bước của từng bên hướng tới thỏa thuận.' },
    ko: { label: '동의', description: '합의를 향한 각 당사자의 조치이다.' },
  },
  contested: {
    en: { label: 'Contested', description: 'Claims that contradict recorded events.' },
    vi: { label: 'Ý kiến khác', description: 'Những thông tin trái với sự kiện đã ghi.' },
    ko: { label: '이견', description: '기록된 사건과 어긋나는 주장이다.' },
  },
  days: {
    en: {
      label: 'Days late',
      description: 'Days from the first planned date to the actual or last planned one; negative means early.',
    },
    vi: {
      label: 'Số ngày chậm',
      description: 'Số ngày từ thời hạn ban đầu đến ngày thực tế hoặc thời hạn mới nhất; số âm là sớm hơn.',
    },
    ko: {
      label: '지연 일수',
      description: '최초 계획일부터 실제일 또는 최종 계획일까지의 일수로, 음수는 이른 것이다.',
    },
  },
  decommitted: {
    en: { label: 'Decommitted', description: 'Money by which a firm obligation was reduced.' },
    vi: { label: 'Vốn đã hủy', description: 'Phần vốn cam kết đã giảm.' },
    ko: { label: '약정 감액', description: '확정된 약정에서 줄어든 금액이다.' },
  },
  delivered: {
    en: { label: 'Delivered', description: 'The act of delivering, and its date.' },
    vi: { label: 'Nghiệm thu, bàn giao', description: 'Việc nghiệm thu, bàn giao và ngày diễn ra.' },
    ko: { label: '이행 완료', description: '이행 완료와 그 일자이다.' },
  },
  delivery: {
    en: { label: 'Delivery', description: 'What was delivered, and how the dates slipped.' },
    vi: { label: 'Thực hiện', description: 'Kết quả đã bàn giao và mức chậm tiến độ.' },
    ko: { label: '이행', description: '이행된 것과 일정의 지연이다.' },
  },
  disbursed: {
    en: { label: 'Disbursed', description: 'Money that was paid to the recipient.' },
    vi: { label: 'Đã giải ngân', description: 'Vốn đã chuyển cho bên tiếp nhận.' },
    ko: { label: '집행', description: '수혜자에게 지급된 자금이다.' },
  },
  evidenceCount: {
    en: { label: 'Pieces of evidence', description: 'How many pieces of evidence the record has.' },
    vi: { label: 'Số minh chứng', description: 'Số minh chứng trong hồ sơ.' },
    ko: { label: '증빙 수', description: '기록에 있는 증빙의 수이다.' },
  },
  firstDue: {
    en: { label: 'First due', description: 'The date that was first planned for the milestone.' },
    vi: { label: 'Thời hạn ban đầu', description: 'Thời hạn ban đầu của mốc.' },
    ko: { label: '최초 기한', description: '중간 목표에 처음 계획된 기한이다.' },
  },
  firstPlanned: {
    en: { label: 'First planned', description: 'The date that was planned first.' },
    vi: { label: 'Dự kiến ban đầu', description: 'Thời hạn dự kiến đầu tiên.' },
    ko: { label: '최초 계획', description: '처음에 계획된 날짜이다.' },
  },
  flag: {
    en: { label: 'Flag', description: 'What a reader should check.' },
    vi: { label: 'Lưu ý', description: 'Điều người đọc cần kiểm tra.' },
    ko: { label: '표시', description: '확인이 필요한 사항이다.' },
  },
  flags: {
    en: { label: 'Flags', description: 'What a reader should check in the record.' },
    vi: { label: 'Lưu ý', description: 'Những điều cần kiểm tra trong hồ sơ.' },
    ko: { label: '확인 사항', description: '기록에서 확인할 사항이다.' },
  },
  follows: {
    en: { label: 'Follows', description: 'The act that should come before.' },
    vi: { label: 'Bước trước', description: 'Bước lẽ ra phải diễn ra trước.' },
    ko: { label: '선행 단계', description: '먼저 있어야 하는 단계이다.' },
  },
  formerParties: {
    en: { label: 'Former parties', description: 'Parties that left.' },
    vi: { label: 'Các bên đã rút', description: 'Các bên không còn tham gia.' },
    ko: { label: '이전 당사자', description: '더 이상 참여하지 않는 당사자이다.' },
  },
  from: {
    en: { label: 'Date before', description: 'The date that was planned before.' },
    vi: { label: 'Thời hạn cũ', description: 'Thời hạn dự kiến trước đó.' },
    ko: { label: '변경 전 일자', description: '이전에 계획된 날짜이다.' },
  },
  funded: {
    en: { label: 'Funded', description: 'The first firm obligation, and its date.' },
    vi: { label: 'Bố trí vốn', description: 'Lần bố trí vốn đầu tiên và ngày diễn ra.' },
    ko: { label: '재원 확정', description: '첫 재원 확정과 그 일자이다.' },
  },
  history: {
    en: { label: 'Dates of the acts', description: 'When each of the four acts happened.' },
    vi: { label: 'Ngày của các bước', description: 'Thời điểm diễn ra từng bước trong bốn bước.' },
    ko: { label: '단계별 일자', description: '네 단계가 각각 이루어진 때이다.' },
  },
  inKind: {
    en: { label: 'In kind', description: 'Contributions other than money.' },
    vi: { label: 'Hiện vật', description: 'Đóng góp không bằng tiền.' },
    ko: { label: '현물', description: '자금이 아닌 기여이다.' },
  },
  indicators: {
    en: { label: 'Indicators', description: 'Targets and actual values that were reported.' },
    vi: { label: 'Chỉ số', description: 'Mục tiêu và giá trị thực tế đã báo cáo.' },
    ko: { label: '지표', description: '보고된 목표값과 실제값이다.' },
  },
  lapsed: {
    en: { label: 'Lapsed', description: 'Requests and pledges of proposals that came to nothing.' },
    vi: { label: 'Hết giá trị', description: 'Đề nghị và cam kết của những đề xuất không thành.' },
    ko: { label: '실효', description: '성사되지 않은 제안의 요청과 공여 의사이다.' },
  },
  lastConfirmedOn: {
    en: { label: 'Last confirmed', description: 'The day for which the record was last found to be right.' },
    vi: { label: 'Xác nhận gần nhất', description: 'Ngày gần nhất hồ sơ được xác nhận là đúng.' },
    ko: { label: '최종 확인일', description: '기록이 맞는 것으로 마지막으로 확인된 날이다.' },
  },
  lastEventAt: {
    en: { label: 'Last recorded', description: 'The time at which the last event was recorded.' },
    vi: { label: 'Ghi nhận gần nhất', description: 'Thời điểm ghi nhận sự kiện gần nhất.' },
    ko: { label: '최종 기록 시각', description: '마지막 사건이 기록된 시각이다.' },
  },
  lastPlanned: {
    en: { label: 'Last planned', description: 'The date that is planned now.' },
    vi: { label: 'Dự kiến mới nhất', description: 'Thời hạn dự kiến hiện nay.' },
    ko: { label: '최종 계획', description: '지금 계획된 날짜이다.' },
  },
  leaves: {
    en: { label: 'Lowest parts', description: 'How many parts have no parts of their own.' },
    vi: { label: 'Thành phần cuối', description: 'Số phần không còn phần con.' },
    ko: { label: '최하위 제안', description: '더 나뉘지 않는 부분의 수이다.' },
  },
  lines: {
    en: { label: 'Funding lines', description: 'Each firm obligation.' },
    vi: { label: 'Các khoản vốn', description: 'Các khoản vốn đã bố trí.' },
    ko: { label: '재원 항목', description: '확정된 재원의 항목이다.' },
  },
  linkedFrom: {
    en: { label: 'Linked from', description: 'Other proposals that name this one.' },
    vi: { label: 'Được liên kết từ', description: 'Các đề xuất khác có liên kết tới đề xuất này.' },
    ko: { label: '연결한 제안', description: '이 제안을 가리키는 다른 제안이다.' },
  },
  linkedFromTotal: {
    en: { label: 'Number of links to it', description: 'How many other proposals name this one.' },
    vi: { label: 'Số liên kết đến', description: 'Số đề xuất liên kết tới đề xuất này.' },
    ko: { label: '연결한 제안 수', description: '이 제안을 가리키는 제안의 수이다.' },
  },
  links: {
    en: { label: 'Links', description: 'Relations of this proposal to others.' },
    vi: { label: 'Liên kết', description: 'Quan hệ của đề xuất này với đề xuất khác.' },
    ko: { label: '연결', description: '이 제안과 다른 제안의 관계이다.' },
  },
  milestones: {
    en: { label: 'Milestones', description: 'What is to be reached on the way.' },
    vi: { label: 'Các mốc', description: 'Những mốc cần đạt trong quá trình thực hiện.' },
    ko: { label: '중간 목표', description: '진행 중에 달성할 목표이다.' },
  },
  money: {
    en: { label: 'Money', description: 'Requested, pledged, committed and disbursed, by currency.' },
    vi: { label: 'Vốn', description: 'Vốn đề nghị, cam kết và giải ngân theo từng loại tiền.' },
    ko: { label: '자금', description: '통화별 요청, 공여 의사, 약정, 집행 금액이다.' },
  },
  ownMoneyBeside: {
    en: {
      label: 'Own money not counted',
      description: 'Amounts of the programme itself, left out because its parts carry the same figure.',
    },
    vi: { label: 'Vốn riêng không tính', description: 'Vốn của chính chương trình không cộng vào vì các phần đã có.' },
    ko: { label: '미합산 자체 재원', description: '하위 제안에 같은 금액이 있어 합계에서 뺀 상위 제안의 금액이다.' },
  },
  parked: {
    en: {
      label: 'Parked',
      description: 'An event that could not be applied; the status shows the state before it.',
    },
    vi: { label: 'Tạm ngưng xử lý', description: 'Có sự kiện không xử lý được; phần còn lại là trước sự kiện đó.' },
    ko: { label: '처리 보류', description: '적용할 수 없는 사건이 있어 그 전까지의 내용만 보인다.' },
  },
  pledged: {
    en: { label: 'Pledged', description: 'Money that was announced without obligation.' },
    vi: { label: 'Cam kết chưa ràng buộc', description: 'Vốn được công bố nhưng chưa ràng buộc.' },
    ko: { label: '공여 의사', description: '구속력 없이 발표된 자금이다.' },
  },
  pledges: {
    en: { label: 'Pledges', description: 'Each announcement of money.' },
    vi: { label: 'Các cam kết chưa ràng buộc', description: 'Từng khoản vốn đã công bố.' },
    ko: { label: '공여 의사 목록', description: '발표된 자금의 목록이다.' },
  },
  programme: {
    en: { label: 'Programme', description: 'The totals of the proposal and its parts.' },
    vi: { label: 'Chương trình', description: 'Tổng hợp của đề xuất và các phần.' },
    ko: { label: '프로그램', description: '제안과 그 부분을 합친 것이다.' },
  },
  progress: {
    en: { label: 'Progress', description: 'Deliveries that were not yet complete.' },
    vi: { label: 'Tiến độ', description: 'Những lần bàn giao chưa đầy đủ.' },
    ko: { label: '부분 이행', description: '아직 전부가 아닌 이행이다.' },
  },
  proposed: {
    en: { label: 'Proposed', description: 'The act of proposing, and its date.' },
    vi: { label: 'Đề xuất', description: 'Việc đề xuất và ngày diễn ra.' },
    ko: { label: '제안', description: '제안 행위와 그 일자이다.' },
  },
  reached: {
    en: { label: 'Outcome', description: 'The result of the milestone; empty while it is open.' },
    vi: { label: 'Kết quả mốc', description: 'Kết quả của mốc; trống khi chưa có.' },
    ko: { label: '결과', description: '중간 목표의 결과로, 미정이면 비어 있다.' },
  },
  recordedName: {
    en: { label: 'Recorded name', description: 'The name that this proposal recorded, before the party was renamed.' },
    vi: { label: 'Tên đã ghi', description: 'Tên mà đề xuất này đã ghi trước khi bên đó đổi tên.' },
    ko: { label: '기록된 명칭', description: '명칭 변경 전에 이 제안에 기록된 명칭이다.' },
  },
  refunded: {
    en: { label: 'Refunded', description: 'Disbursed money that was given back.' },
    vi: { label: 'Đã hoàn trả', description: 'Vốn đã giải ngân được hoàn trả.' },
    ko: { label: '환급', description: '집행된 뒤 반환된 자금이다.' },
  },
  related: {
    en: { label: 'Related proposals', description: 'Parts of this proposal, and others that name it.' },
    vi: { label: 'Đề xuất liên quan', description: 'Các phần và các đề xuất khác có liên kết.' },
    ko: { label: '관련 제안', description: '하위 제안과 이 제안을 가리키는 제안이다.' },
  },
  renamings: {
    en: { label: 'Renamings', description: 'New names of organisations that this proposal recorded.' },
    vi: { label: 'Các lần đổi tên', description: 'Tên mới của các tổ chức mà đề xuất này đã ghi.' },
    ko: { label: '명칭 변경', description: '이 제안에 기록된 기관의 새 명칭이다.' },
  },
  requested: {
    en: { label: 'Requested', description: 'Money that was asked for.' },
    vi: { label: 'Vốn đề nghị', description: 'Vốn đã đề nghị.' },
    ko: { label: '요청', description: '요청한 자금이다.' },
  },
  reschedulings: {
    en: { label: 'Reschedulings', description: 'Planned dates that were replaced.' },
    vi: { label: 'Điều chỉnh tiến độ', description: 'Các thời hạn dự kiến đã thay đổi.' },
    ko: { label: '일정 변경', description: '바뀐 계획 일정이다.' },
  },
  resolved: {
    en: { label: 'Resolved', description: 'How it was settled; empty while it is open.' },
    vi: { label: 'Kết luận', description: 'Kết luận; trống khi chưa có.' },
    ko: { label: '처리 결과', description: '어떻게 정해졌는지로, 미정이면 비어 있다.' },
  },
  risks: {
    en: { label: 'Risks', description: 'Risks that were flagged and not cleared.' },
    vi: { label: 'Rủi ro', description: 'Rủi ro đã cảnh báo và chưa giải tỏa.' },
    ko: { label: '위험', description: '제기되어 아직 해소되지 않은 위험이다.' },
  },
  slippage: {
    en: { label: 'Slippage', description: 'How far dates moved since they were first planned.' },
    vi: { label: 'Chậm tiến độ', description: 'Mức thay đổi của thời hạn so với dự kiến ban đầu.' },
    ko: { label: '일정 지연', description: '최초 계획에서 일정이 옮겨진 정도이다.' },
  },
  stage: {
    en: { label: 'Stage', description: 'The highest act that was reached.' },
    vi: { label: 'Giai đoạn', description: 'Bước cao nhất đã đạt.' },
    ko: { label: '단계', description: '도달한 가장 높은 단계이다.' },
  },
  stageHistory: {
    en: { label: 'Course of the stages', description: 'When the stage and the ending changed.' },
    vi: { label: 'Diễn biến giai đoạn', description: 'Các lần thay đổi giai đoạn và hình thức kết thúc.' },
    ko: { label: '단계 변동', description: '단계와 종료가 바뀐 과정이다.' },
  },
  started: {
    en: { label: 'Started', description: 'When the work began.' },
    vi: { label: 'Khởi động', description: 'Thời điểm bắt đầu thực hiện.' },
    ko: { label: '착수', description: '사업이 시작된 때이다.' },
  },
  suspended: {
    en: { label: 'Suspended', description: 'Whether work on it is suspended.' },
    vi: { label: 'Tạm dừng', description: 'Đang tạm dừng hay không.' },
    ko: { label: '중단 여부', description: '진행이 중단되어 있는지를 나타낸다.' },
  },
  suspension: {
    en: { label: 'Suspension', description: 'Why and until when it is suspended.' },
    vi: { label: 'Nội dung tạm dừng', description: 'Lý do và thời hạn tạm dừng.' },
    ko: { label: '중단 내용', description: '중단의 사유와 기간이다.' },
  },
  tranches: {
    en: { label: 'Tranches', description: 'Planned payments.' },
    vi: { label: 'Các đợt giải ngân', description: 'Các đợt giải ngân theo kế hoạch.' },
    ko: { label: '분할 지급', description: '계획된 지급이다.' },
  },
  transactions: {
    en: { label: 'Payments', description: 'Each payment and refund.' },
    vi: { label: 'Giao dịch', description: 'Từng khoản đã giải ngân, hoàn trả.' },
    ko: { label: '거래 내역', description: '집행과 환급의 내역이다.' },
  },
  undisbursed: {
    en: { label: 'Still to come', description: 'Committed money that is not yet disbursed.' },
    vi: { label: 'Chưa giải ngân', description: 'Vốn đã cam kết nhưng chưa giải ngân.' },
    ko: { label: '미집행', description: '약정되었으나 아직 집행되지 않은 자금이다.' },
  },
  undisclosed: {
    en: { label: 'Without amount', description: 'What has no known amount and so is in no total.' },
    vi: { label: 'Không có số tiền', description: 'Những khoản chưa rõ số tiền nên không được cộng.' },
    ko: { label: '금액 미상', description: '금액을 알 수 없어 합계에 없는 항목이다.' },
  },
  valued: {
    en: { label: 'Valued in kind', description: 'The value of contributions in kind, where it is known.' },
    vi: { label: 'Giá trị hiện vật', description: 'Giá trị của hiện vật, nếu biết.' },
    ko: { label: '현물 가액', description: '알려진 현물 기여의 가액이다.' },
  },
  'ActsOutOfOrder.act': {
    en: { label: 'Act', description: 'The act whose date is too early.' },
    vi: { label: 'Bước', description: 'Bước có ngày quá sớm.' },
    ko: { label: '단계', description: '날짜가 너무 이른 단계이다.' },
  },
  'Agreement.parties': {
    en: { label: 'Agreeing parties', description: 'The parties that agreed.' },
    vi: { label: 'Các bên thỏa thuận', description: 'Các bên đã thỏa thuận.' },
    ko: { label: '합의 당사자', description: '합의한 당사자이다.' },
  },
  'Due.day': {
    en: { label: 'Day', description: 'The last possible day; it is overdue from the day after.' },
    vi: { label: 'Ngày', description: 'Ngày muộn nhất có thể; từ ngày hôm sau là quá hạn.' },
    ko: { label: '날짜', description: '마지막 가능일로, 그다음 날부터 기한이 지난 것이다.' },
  },
  'Due.of': {
    en: { label: 'Which date', description: 'Whether it is the planned end or a milestone.' },
    vi: { label: 'Thời hạn nào', description: 'Là thời hạn kết thúc hay của một mốc.' },
    ko: { label: '대상 일정', description: '종료 예정인지 중간 목표인지를 나타낸다.' },
  },
  'Due.milestoneId': {
    en: { label: 'Milestone', description: 'The id of the milestone that is due.' },
    vi: { label: 'Mốc', description: 'Mã của mốc đến hạn.' },
    ko: { label: '중간 목표', description: '기한이 된 중간 목표의 식별자이다.' },
  },
  'InKindContribution.item': {
    en: { label: 'Contribution', description: 'What is given.' },
    vi: { label: 'Hiện vật', description: 'Những gì được đóng góp.' },
    ko: { label: '기여 내용', description: '제공하는 것이다.' },
  },
  'Milestone.planned': {
    en: { label: 'Planned', description: 'Whether the milestone was planned before it was reached.' },
    vi: { label: 'Có kế hoạch trước', description: 'Mốc có được lên kế hoạch trước khi đạt hay không.' },
    ko: { label: '사전 계획', description: '달성 전에 계획되었는지를 나타낸다.' },
  },
  'Parked.position': {
    en: { label: 'Position', description: 'The place in the log of the event that could not be applied.' },
    vi: { label: 'Vị trí', description: 'Vị trí trong sổ của sự kiện không xử lý được.' },
    ko: { label: '위치', description: '적용할 수 없는 사건의 로그 위치이다.' },
  },
  'Parked.reason': {
    en: { label: 'Reason', description: 'Why the event could not be applied.' },
    vi: { label: 'Lý do', description: 'Vì sao sự kiện không xử lý được.' },
    ko: { label: '사유', description: '사건을 적용할 수 없는 까닭이다.' },
  },
  'ProposalStatus.due': {
    en: { label: 'Due', description: 'The next last possible day, after which it is overdue, and which date that is.' },
    vi: { label: 'Đến hạn', description: 'Ngày muộn nhất có thể, sau đó là quá hạn, và đó là thời hạn nào.' },
    ko: { label: '기한', description: '이후 기한 경과가 되는 마지막 가능일과 그 일정이다.' },
  },
  'ProposalStatus.end': {
    en: { label: 'How it ended', description: 'The ending, with those who ended it and their reason.' },
    vi: { label: 'Nội dung kết thúc', description: 'Hình thức kết thúc, bên kết thúc và lý do.' },
    ko: { label: '종료 내용', description: '종료의 유형, 주체와 사유이다.' },
  },
  'ProposalStatus.position': {
    en: { label: 'Position', description: 'The place in the log of the last event of the proposal.' },
    vi: { label: 'Vị trí', description: 'Vị trí trong sổ của sự kiện cuối cùng của đề xuất.' },
    ko: { label: '위치', description: '제안의 마지막 사건이 로그에서 차지하는 위치이다.' },
  },
  'ProposalStatus.version': {
    en: { label: 'Version', description: 'How many events the proposal has.' },
    vi: { label: 'Phiên bản', description: 'Số sự kiện của đề xuất.' },
    ko: { label: '버전', description: '제안의 사건 수이다.' },
  },
  'Slippage.actual': {
    en: { label: 'Actual date', description: 'When it happened.' },
    vi: { label: 'Ngày thực tế', description: 'Thời điểm đã diễn ra.' },
    ko: { label: '실제 일자', description: '실제로 일어난 때이다.' },
  },
  'Tranche.disbursed': {
    en: { label: 'Disbursed', description: 'How much of the tranche was paid.' },
    vi: { label: 'Đã giải ngân', description: 'Phần đã giải ngân của đợt.' },
    ko: { label: '집행액', description: '분할 지급분 가운데 집행된 금액이다.' },
  },
  'TreeMoney.items': {
    en: { label: 'Contributions', description: 'How many contributions in kind there are.' },
    vi: { label: 'Số khoản hiện vật', description: 'Số khoản đóng góp hiện vật.' },
    ko: { label: '현물 건수', description: '현물 기여의 건수이다.' },
  },
} as const satisfies WordTable

/** Members of the portfolio, and of the items of a history. */
export const portfolioMemberWords = {
  day: {
    en: { label: 'Day', description: 'The day for which the figures hold.' },
    vi: { label: 'Ngày', description: 'Ngày của số liệu.' },
    ko: { label: '기준일', description: '수치의 기준이 되는 날이다.' },
  },
  total: {
    en: { label: 'Total', description: 'How many there are.' },
    vi: { label: 'Tổng số', description: 'Tổng số.' },
    ko: { label: '합계', description: '전체 수이다.' },
  },
  byStage: {
    en: { label: 'By stage', description: 'How many are at each stage.' },
    vi: { label: 'Theo giai đoạn', description: 'Số lượng theo giai đoạn.' },
    ko: { label: '단계별', description: '단계별 건수이다.' },
  },
  byEnding: {
    en: { label: 'By ending', description: 'How many ended in each way; `none` are not ended.' },
    vi: { label: 'Theo hình thức kết thúc', description: 'Số lượng theo hình thức kết thúc; `none` là chưa kết thúc.' },
    ko: { label: '종료 유형별', description: '종료 유형별 건수로, `none`은 종료되지 않은 것이다.' },
  },
  byCondition: {
    en: { label: 'By condition', description: 'How many are in each condition.' },
    vi: { label: 'Theo tình trạng', description: 'Số lượng theo tình trạng.' },
    ko: { label: '상태별', description: '상태별 건수이다.' },
  },
  byKind: {
    en: { label: 'By kind', description: 'How many there are of each kind.' },
    vi: { label: 'Theo loại hình', description: 'Số lượng theo loại hình.' },
    ko: { label: '유형별', description: '유형별 건수이다.' },
  },
  byField: {
    en: { label: 'By field', description: 'How many there are in each field.' },
    vi: { label: 'Theo lĩnh vực', description: 'Số lượng theo lĩnh vực.' },
    ko: { label: '분야별', description: '분야별 건수이다.' },
  },
  byCountry: {
    en: { label: 'By country', description: 'How many have a party of each country.' },
    vi: { label: 'Theo quốc gia', description: 'Số lượng theo quốc gia của các bên.' },
    ko: { label: '국가별', description: '당사자의 국가별 건수이다.' },
  },
  byParty: {
    en: { label: 'By party', description: 'The number of proposals in which each party takes part, by role.' },
    vi: { label: 'Theo bên', description: 'Số lượng theo từng bên và vai trò.' },
    ko: { label: '당사자별', description: '당사자와 역할별 건수이다.' },
  },
  byParent: {
    en: { label: 'By programme', description: 'How many parts each programme has.' },
    vi: { label: 'Theo chương trình', description: 'Số phần của từng chương trình.' },
    ko: { label: '프로그램별', description: '프로그램별 하위 제안 수이다.' },
  },
  byParentNone: {
    en: { label: 'Without programme', description: 'How many are part of no programme.' },
    vi: { label: 'Không thuộc chương trình', description: 'Số đề xuất không thuộc chương trình nào.' },
    ko: { label: '프로그램 없음', description: '상위 제안이 없는 건수이다.' },
  },
  overdue: {
    en: { label: 'Overdue', description: 'How many are overdue, and the first of them.' },
    vi: { label: 'Quá hạn', description: 'Số đề xuất quá hạn và những đề xuất đầu tiên.' },
    ko: { label: '기한 경과', description: '기한이 지난 건수와 그 앞부분이다.' },
  },
  plannedEnd: {
    en: { label: 'Planned end', description: 'When it is to end.' },
    vi: { label: 'Kết thúc dự kiến', description: 'Thời điểm dự kiến kết thúc.' },
    ko: { label: '종료 예정', description: '끝날 것으로 계획된 때이다.' },
  },
  proposals: {
    en: { label: 'Proposals', description: 'The proposals that are meant.' },
    vi: { label: 'Các đề xuất', description: 'Các đề xuất được nói đến.' },
    ko: { label: '제안', description: '해당하는 제안이다.' },
  },
  timeZone: {
    en: { label: 'Time zone', description: 'The time zone of the ledger, which decides when a day begins.' },
    vi: { label: 'Múi giờ', description: 'Múi giờ của sổ, dùng để tính ngày.' },
    ko: { label: '시간대', description: '날짜를 정하는 원장의 시간대이다.' },
  },
  correctedBy: {
    en: { label: 'Corrected by', description: 'The event that corrected this one.' },
    vi: { label: 'Được đính chính bởi', description: 'Sự kiện đã đính chính sự kiện này.' },
    ko: { label: '정정 사건', description: '이 사건을 정정한 사건이다.' },
  },
  retractedBy: {
    en: { label: 'Retracted by', description: 'The event that retracted this one.' },
    vi: { label: 'Được rút lại bởi', description: 'Sự kiện đã rút lại sự kiện này.' },
    ko: { label: '철회 사건', description: '이 사건을 철회한 사건이다.' },
  },
  countsFrom: {
    en: { label: 'Counts from', description: 'The first day on which it had certainly happened.' },
    vi: { label: 'Tính từ ngày', description: 'Ngày đầu tiên chắc chắn đã xảy ra.' },
    ko: { label: '적용일', description: '확실히 일어났다고 볼 수 있는 첫날이다.' },
  },
  proof: {
    en: { label: 'Proof', description: 'What shows that the event is in the signed log.' },
    vi: { label: 'Bằng chứng', description: 'Chứng minh sự kiện nằm trong sổ đã ký.' },
    ko: { label: '포함 증명', description: '사건이 서명된 로그에 있음을 보이는 증명이다.' },
  },
  updated: {
    en: { label: 'Last recorded', description: 'The time at which the last event was recorded.' },
    vi: { label: 'Ghi nhận gần nhất', description: 'Thời điểm ghi nhận sự kiện gần nhất.' },
    ko: { label: '최종 기록 시각', description: '마지막 사건이 기록된 시각이다.' },
  },
  index: {
    en: { label: 'Index', description: 'The place of the event in the tree, counted from 0.' },
    vi: { label: 'Chỉ mục', description: 'Vị trí của sự kiện trong cây, tính từ 0.' },
    ko: { label: '색인', description: '트리에서 사건의 위치로, 0부터 센다.' },
  },
  size: {
    en: { label: 'Tree size', description: 'How many events the signed tree has.' },
    vi: { label: 'Kích thước cây', description: 'Số sự kiện trong cây đã ký.' },
    ko: { label: '트리 크기', description: '서명된 트리의 사건 수이다.' },
  },
  hashes: {
    en: { label: 'Hashes', description: 'The hashes that lead from the event to the root of the tree.' },
    vi: { label: 'Giá trị băm', description: 'Các giá trị băm từ sự kiện tới gốc cây.' },
    ko: { label: '해시 목록', description: '사건에서 트리의 뿌리까지 이어지는 해시이다.' },
  },
} as const satisfies WordTable
