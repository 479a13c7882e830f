import type { WordTable } from '@commitments/domain'

/** Codes of what the service says about itself, for operators. */
export const alarmWords = {
  'served-differs': {
    en: { label: 'Served data differ', description: 'Some served data differ from their events.' },
    vi: { label: 'Dữ liệu hiển thị sai lệch', description: 'Một số dữ liệu hiển thị khác với sự kiện gốc.' },
    ko: { label: '제공 자료 불일치', description: '제공되는 자료 일부가 그 사건과 다르다.' },
  },
  'signing-refused': {
    en: { label: 'Signing refused', description: 'Something prevents signing of the log.' },
    vi: { label: 'Không ký được', description: 'Có nguyên nhân khiến sổ không được ký.' },
    ko: { label: '서명 거부', description: '로그에 서명하지 못하게 하는 원인이 있다.' },
  },
  'quorum-missing': {
    en: { label: 'Too few witnesses', description: 'Fewer witnesses have cosigned the log than the policy requires.' },
    vi: { label: 'Thiếu nhân chứng', description: 'Số nhân chứng đồng ký sổ ít hơn chính sách yêu cầu.' },
    ko: { label: '증인 부족', description: '로그에 공동 서명한 증인이 정책이 요구하는 수보다 적다.' },
  },
} as const satisfies WordTable

/** Why a proposal is parked: what is wrong with the event that could not be applied. */
export const parkedWords = {
  unreadable: {
    en: { label: 'Unreadable', description: 'The line is not JSON, or its members contradict the columns of the log.' },
    vi: { label: 'Không đọc được', description: 'Dòng không phải JSON, hoặc nội dung trái với các cột của sổ.' },
    ko: { label: '판독 불가', description: '행이 JSON이 아니거나 로그의 열과 어긋난다.' },
  },
  impossible: {
    en: { label: 'Impossible', description: 'The event cannot follow those before it.' },
    vi: { label: 'Không hợp lệ', description: 'Sự kiện không thể tiếp theo các sự kiện trước.' },
    ko: { label: '성립 불가', description: '앞선 사건에 이어질 수 없는 사건이다.' },
  },
  unstorable: {
    en: { label: 'Not storable', description: 'The database refuses the row that the event makes.' },
    vi: { label: 'Không lưu được', description: 'Cơ sở dữ liệu từ chối bản ghi do sự kiện tạo ra.' },
    ko: { label: '저장 불가', description: '사건이 만드는 행을 데이터베이스가 거부한다.' },
  },
  fault: {
    en: { label: 'Fault of the service', description: 'The rules of this service fail on the event.' },
    vi: { label: 'Lỗi dịch vụ', description: 'Quy tắc của dịch vụ gặp lỗi với sự kiện này.' },
    ko: { label: '서비스 결함', description: '이 서비스의 규칙이 사건을 처리하지 못한다.' },
  },
  'too-costly': {
    en: { label: 'Too costly', description: 'To apply the event ended the process each time.' },
    vi: { label: 'Quá tốn tài nguyên', description: 'Mỗi lần xử lý sự kiện đều làm tiến trình dừng.' },
    ko: { label: '처리 한도 초과', description: '사건을 적용할 때마다 프로세스가 종료되었다.' },
  },
} as const satisfies WordTable

export const projectionNameWords = {
  'proposal-status': {
    en: { label: 'Current statuses', description: 'The current status of each proposal.' },
    vi: { label: 'Tình trạng hiện nay', description: 'Tình trạng hiện nay của từng đề xuất.' },
    ko: { label: '현재 상태', description: '각 제안의 현재 상태이다.' },
  },
  'proposal-moments': {
    en: {
      label: 'Statuses of the past',
      description: 'The status of each proposal on every day, as known at every position.',
    },
    vi: {
      label: 'Tình trạng theo thời điểm',
      description: 'Tình trạng của từng đề xuất theo từng ngày và từng vị trí sổ.',
    },
    ko: { label: '시점별 상태', description: '모든 날짜와 위치에서 본 각 제안의 상태이다.' },
  },
} as const satisfies WordTable

export const projectionStateWords = {
  current: {
    en: { label: 'Current', description: 'It has applied the whole log.' },
    vi: { label: 'Đã cập nhật', description: 'Đã xử lý toàn bộ sổ.' },
    ko: { label: '최신', description: '로그 전체를 적용하였다.' },
  },
  'catching-up': {
    en: { label: 'Catching up', description: 'It is behind the log and follows.' },
    vi: { label: 'Đang cập nhật', description: 'Còn chậm hơn sổ và đang theo kịp.' },
    ko: { label: '따라잡는 중', description: '로그보다 뒤처져 따라가고 있다.' },
  },
} as const satisfies WordTable

export const generationStateWords = {
  building: {
    en: { label: 'Building', description: 'A rebuild is making it.' },
    vi: { label: 'Đang xây dựng', description: 'Đang được xây dựng lại.' },
    ko: { label: '구축 중', description: '재구축으로 만들어지고 있다.' },
  },
  live: {
    en: { label: 'Live', description: 'Answers come from it.' },
    vi: { label: 'Đang dùng', description: 'Đang được dùng để trả lời.' },
    ko: { label: '사용 중', description: '응답에 쓰이고 있다.' },
  },
  retired: {
    en: { label: 'Retired', description: 'Another one took its place.' },
    vi: { label: 'Đã thay', description: 'Đã có bản khác thay thế.' },
    ko: { label: '교체됨', description: '다른 것으로 바뀌었다.' },
  },
} as const satisfies WordTable

export const generationPhaseWords = {
  filling: {
    en: { label: 'Filling', description: 'The log is being folded into it.' },
    vi: { label: 'Đang nạp', description: 'Đang nạp dữ liệu từ sổ.' },
    ko: { label: '채우는 중', description: '로그를 반영하고 있다.' },
  },
  indexing: {
    en: { label: 'Indexing', description: 'Its indexes are being made.' },
    vi: { label: 'Đang lập chỉ mục', description: 'Đang lập chỉ mục.' },
    ko: { label: '색인 중', description: '색인을 만들고 있다.' },
  },
  'catching-up': {
    en: { label: 'Catching up', description: 'It applies what was recorded meanwhile.' },
    vi: { label: 'Đang theo kịp', description: 'Đang xử lý phần ghi trong lúc đó.' },
    ko: { label: '따라잡는 중', description: '그동안 기록된 것을 적용하고 있다.' },
  },
  comparing: {
    en: { label: 'Comparing', description: 'It is compared with the live one.' },
    vi: { label: 'Đang so sánh', description: 'Đang so sánh với bản đang dùng.' },
    ko: { label: '비교 중', description: '사용 중인 것과 비교하고 있다.' },
  },
  differs: {
    en: {
      label: 'Differs',
      description: 'It differs from the live one and waits to be accepted, or for the next rebuild.',
    },
    vi: { label: 'Có khác biệt', description: 'Khác với bản đang dùng và chờ chấp nhận hoặc xây dựng lại.' },
    ko: { label: '불일치', description: '사용 중인 것과 달라 수락이나 다음 재구축을 기다린다.' },
  },
  switching: {
    en: { label: 'Switching', description: 'It is taking the place of the live one.' },
    vi: { label: 'Đang chuyển', description: 'Đang thay thế bản đang dùng.' },
    ko: { label: '전환 중', description: '사용 중인 것을 대신하고 있다.' },
  },
  following: {
    en: { label: 'Following', description: 'It follows the log.' },
    vi: { label: 'Đang theo sổ', description: 'Đang cập nhật theo sổ.' },
    ko: { label: '추종 중', description: '로그를 따라가고 있다.' },
  },
  retired: {
    en: { label: 'Retired', description: 'Another one took its place.' },
    vi: { label: 'Đã thay', description: 'Đã có bản khác thay thế.' },
    ko: { label: '교체됨', description: '다른 것으로 바뀌었다.' },
  },
} as const satisfies WordTable

export const forkSourceWords = {
  database: {
    en: { label: 'Restored database', description: 'The checkpoint was found in the restored database.' },
    vi: { label: 'Cơ sở dữ liệu khôi phục', description: 'Điểm kiểm tra lấy từ cơ sở dữ liệu đã khôi phục.' },
    ko: { label: '복원된 데이터베이스', description: '체크포인트를 복원된 데이터베이스에서 찾았다.' },
  },
  file: {
    en: {
      label: 'Kept file',
      description: 'The checkpoint was found in the file that keeps what was signed last.',
    },
    vi: { label: 'Tệp lưu giữ', description: 'Điểm kiểm tra lấy từ tệp giữ lần ký cuối của sổ.' },
    ko: { label: '보관 파일', description: '체크포인트를 마지막 서명을 보관하는 파일에서 찾았다.' },
  },
  witness: {
    en: { label: 'Witness', description: 'The checkpoint is the last one that a witness cosigned.' },
    vi: { label: 'Bên chứng kiến', description: 'Điểm kiểm tra là lần cuối mà bên chứng kiến đã đồng ký.' },
    ko: { label: '증인', description: '증인이 마지막으로 공동 서명한 체크포인트이다.' },
  },
} as const satisfies WordTable

export const healthWords = {
  live: {
    en: { label: 'Live', description: 'The process answers.' },
    vi: { label: 'Đang chạy', description: 'Tiến trình trả lời.' },
    ko: { label: '작동 중', description: '프로세스가 응답한다.' },
  },
  ready: {
    en: { label: 'Ready', description: 'The service can do its work.' },
    vi: { label: 'Sẵn sàng', description: 'Dịch vụ hoạt động được.' },
    ko: { label: '준비됨', description: '서비스가 일할 수 있다.' },
  },
  'not-ready': {
    en: { label: 'Not ready', description: 'The service cannot do its work now; the checks say why.' },
    vi: { label: 'Chưa sẵn sàng', description: 'Dịch vụ chưa hoạt động được; xem các mục kiểm tra.' },
    ko: { label: '준비되지 않음', description: '지금은 일할 수 없으며, 그 까닭은 점검 항목에 있다.' },
  },
} as const satisfies WordTable

export const noEndingWords = {
  none: {
    en: { label: 'Not ended', description: 'It has not ended.' },
    vi: { label: 'Chưa kết thúc', description: 'Đề xuất chưa kết thúc.' },
    ko: { label: '종료되지 않음', description: '끝나지 않았다.' },
  },
} as const satisfies WordTable

export const listFormatWords = {
  json: {
    en: { label: 'Page (JSON)', description: 'A page of the list, for programs.' },
    vi: { label: 'Trang (JSON)', description: 'Một trang của danh sách, dành cho chương trình.' },
    ko: { label: '페이지(JSON)', description: '목록의 한 페이지로, 프로그램이 읽는다.' },
  },
  csv: {
    en: { label: 'Table (CSV)', description: 'The whole list, for spreadsheets.' },
    vi: { label: 'Bảng (CSV)', description: 'Toàn bộ danh sách, dành cho bảng tính.' },
    ko: { label: '표(CSV)', description: '목록 전체로, 스프레드시트에서 연다.' },
  },
} as const satisfies WordTable

export const seriesAxisWords = {
  asOf: {
    en: { label: 'In force on', description: 'Each step is a day: what was in force then.' },
    vi: { label: 'Hiệu lực vào ngày', description: 'Mỗi bước là một ngày: tình hình có hiệu lực khi đó.' },
    ko: { label: '시행 기준일', description: '각 단계는 하루로, 그날 유효하던 내용이다.' },
  },
  known: {
    en: { label: 'As known at', description: 'Each step is a position of the log: what was known then.' },
    vi: { label: 'Theo thông tin tại', description: 'Mỗi bước là một vị trí của sổ: điều đã biết khi đó.' },
    ko: { label: '알려진 시점', description: '각 단계는 로그의 한 위치로, 그때까지 알려진 내용이다.' },
  },
} as const satisfies WordTable

export const seriesStepWords = {
  event: {
    en: { label: 'Event', description: 'A step wherever something changed.' },
    vi: { label: 'Sự kiện', description: 'Mỗi lần có thay đổi là một bước.' },
    ko: { label: '사건', description: '변화가 있을 때마다 한 단계이다.' },
  },
  day: {
    en: { label: 'Day', description: 'A step for each day.' },
    vi: { label: 'Ngày', description: 'Mỗi ngày một bước.' },
    ko: { label: '일', description: '하루마다 한 단계이다.' },
  },
  month: {
    en: { label: 'Month', description: 'A step for each month.' },
    vi: { label: 'Tháng', description: 'Mỗi tháng một bước.' },
    ko: { label: '월', description: '한 달마다 한 단계이다.' },
  },
  year: {
    en: { label: 'Year', description: 'A step for each year.' },
    vi: { label: 'Năm', description: 'Mỗi năm một bước.' },
    ko: { label: '연', description: '한 해마다 한 단계이다.' },
  },
} as const satisfies WordTable
