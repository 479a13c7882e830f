import type { KitProblemCode, ProblemType } from './problem-types.ts'

type Translations = Readonly<Record<'vi' | 'ko', Readonly<Pick<ProblemType, 'title' | 'client'>>>>

/** Title and advice of http-kit's problems in Vietnamese and Korean; the English texts are in the catalogue (problem-types.ts). */
export const problemTexts: Readonly<Record<KitProblemCode, Translations>> = {
  malformed: {
    vi: {
      title: 'Không đọc được yêu cầu',
      client: 'Gửi một tài liệu JSON đúng cú pháp. `detail` cho biết chỗ dừng đọc.',
    },
    ko: {
      title: '읽을 수 없는 요청',
      client: '올바른 JSON 문서 하나를 보내십시오. `detail`에 읽기가 멈춘 곳이 있습니다.',
    },
  },
  invalid: {
    vi: {
      title: 'Yêu cầu không đúng cấu trúc',
      client: 'Sửa từng mục trong `errors`; mỗi mục nêu vị trí và giá trị được chấp nhận.',
    },
    ko: {
      title: '스키마에 맞지 않는 요청',
      client: '`errors`의 각 항목을 고치십시오. 위치와 허용되는 값이 적혀 있습니다.',
    },
  },
  'bad-signature': {
    vi: {
      title: 'Chữ ký không khớp với nội dung đã gửi',
      client:
        'So sánh từng byte `signed` với văn bản đã ký: một dòng `commitments-event/1`, một ký tự xuống dòng, rồi JSON chuẩn tắc (RFC 8785) của nội dung đã gửi, kèm `recordedBy`, `proposalId` và chữ ký không có `value`. Hãy ký văn bản đó.',
    },
    ko: {
      title: '보낸 내용에 맞지 않는 서명',
      client:
        '`signed`를 서명한 글과 한 바이트씩 비교하십시오. `commitments-event/1` 한 줄과 줄바꿈, 그리고 보낸 내용에 `recordedBy`, `proposalId`, `value`를 뺀 서명을 더한 정규 JSON(RFC 8785)입니다. 그 글에 서명하십시오.',
    },
  },
  'unknown-erasure': {
    vi: { title: 'Không có yêu cầu xóa này', client: 'Liệt kê bằng `GET /v1/admin/erasures` và lấy mã ở đó.' },
    ko: { title: '그런 삭제 건이 없음', client: '`GET /v1/admin/erasures`로 목록을 보고 거기서 ID를 가져오십시오.' },
  },
  'no-such-position': {
    vi: { title: 'Sổ không có sự kiện ở vị trí đó', client: 'Xem vị trí của sự kiện trong lịch sử của đề xuất.' },
    ko: { title: '그 위치에 사건이 없음', client: '제안의 이력에서 사건의 위치를 확인하십시오.' },
  },
  'not-erasable': {
    vi: {
      title: 'Không thể xóa các sự kiện này',
      client: 'Đề nghị xóa các sự kiện còn lại; sự kiện thuộc loại chưa biết thì chờ sau khi nâng cấp.',
    },
    ko: {
      title: '이 사건들은 삭제할 수 없음',
      client: '나머지 사건의 삭제를 제안하십시오. 알 수 없는 유형의 사건은 업그레이드한 뒤에 제안하십시오.',
    },
  },
  'erasure-expired': {
    vi: { title: 'Yêu cầu xóa đã hết hạn', client: 'Đề nghị lại, và để người khác duyệt trong bảy ngày.' },
    ko: { title: '삭제 제안의 기한이 지남', client: '다시 제안하고 7일 안에 승인을 받으십시오.' },
  },
  'erasure-by-two': {
    vi: {
      title: 'Việc xóa phải do người khác duyệt',
      client: 'Đề nghị người có phạm vi `admin` và khóa mang tên khác duyệt.',
    },
    ko: {
      title: '다른 사람이 삭제를 승인해야 함',
      client: '`admin` 범위와 다른 이름의 키를 가진 사람에게 승인을 요청하십시오.',
    },
  },
  unauthenticated: {
    vi: {
      title: 'Không có khóa hoặc mã truy cập hợp lệ',
      client:
        'Gửi `Authorization: Bearer <khóa>` với khóa do người vận hành cấp, hoặc mã truy cập của nhà cung cấp danh tính được chấp nhận ở đây. Nếu mã đã hết hạn, hãy lấy mã mới.',
    },
    ko: {
      title: '유효한 키나 토큰이 없음',
      client:
        '운영자에게 받은 키나 여기에 설정된 발급자의 액세스 토큰으로 `Authorization: Bearer <키>`를 보내십시오. 토큰이 만료되었으면 새로 받으십시오.',
    },
  },
  forbidden: {
    vi: {
      title: 'Khóa hoặc mã truy cập không có quyền này',
      client: 'Dùng khóa hoặc mã truy cập có phạm vi đó, hoặc đề nghị người vận hành cấp.',
    },
    ko: {
      title: '키나 토큰에 권한이 없음',
      client: '그 범위가 있는 키나 토큰을 쓰거나 운영자에게 요청하십시오.',
    },
  },
  'not-your-party': {
    vi: {
      title: 'Khóa hoặc mã truy cập thuộc bên khác',
      client:
        'Bỏ `assertedBy` hoặc nêu chính bên mình, và chỉ ghi việc của bên mình. Việc của bên khác cần khóa của bên đó, hoặc khóa không gắn với bên nào.',
    },
    ko: {
      title: '다른 당사자의 키나 토큰',
      client:
        '`assertedBy`를 빼거나 자기 당사자를 적고, 자기 당사자의 행위만 기록하십시오. 다른 당사자의 행위에는 그 당사자의 키나 당사자에 묶이지 않은 키가 필요합니다.',
    },
  },
  'not-your-event': {
    vi: {
      title: 'Không được đính chính sự kiện này',
      client: 'Ghi `contested` cho sự kiện kèm minh chứng, hoặc đề nghị người đã ghi hoặc cơ quan đăng ký.',
    },
    ko: {
      title: '정정할 수 없는 사건',
      client: '증빙과 함께 그 사건에 `contested`를 기록하거나, 기록한 쪽이나 등록 기관에 요청하십시오.',
    },
  },
  'signature-required': {
    vi: {
      title: 'Chỉ ghi sự kiện có chữ ký của bên gửi này',
      client: 'Ký sự kiện bằng khóa đã đăng ký cho bạn. Chạy thử không cần chữ ký.',
    },
    ko: {
      title: '이 호출자의 사건은 서명된 것만 기록됨',
      client: '등록된 키로 사건에 서명하십시오. 시험 실행에는 서명이 필요 없습니다.',
    },
  },
  'not-your-signing-key': {
    vi: {
      title: 'Sự kiện được ký bằng khóa không phải của bạn',
      client: 'Ký bằng khóa đã đăng ký cho bạn, hoặc gửi khóa công khai mới cho người vận hành trước khi dùng.',
    },
    ko: {
      title: '자신의 것이 아닌 키로 서명됨',
      client: '등록된 키로 서명하거나, 새 공개 키를 쓰기 전에 운영자에게 보내십시오.',
    },
  },
  'not-found': {
    vi: {
      title: 'Không có gì ở đây',
      client:
        'So sánh đường dẫn với `/docs`. Có phân biệt chữ hoa, chữ thường; đường dẫn không kết thúc bằng dấu gạch chéo. Ghi sự kiện ở dịch vụ ghi, đọc ở dịch vụ đọc.',
    },
    ko: {
      title: '아무것도 없음',
      client:
        '경로를 `/docs`와 비교하십시오. 대소문자를 구별하며 경로는 빗금으로 끝나지 않습니다. 기록은 명령 서비스에서, 읽기는 조회 서비스에서 하십시오.',
    },
  },
  'unknown-proposal': {
    vi: { title: 'Không có đề xuất này', client: 'Kiểm tra lại mã. Một đề xuất mới bắt đầu bằng sự kiện `proposed`.' },
    ko: { title: '그런 제안이 없음', client: 'ID의 철자를 확인하십시오. 새 제안은 `proposed` 사건으로 시작합니다.' },
  },
  'method-not-allowed': {
    vi: {
      title: 'Phương thức không được hỗ trợ',
      client: 'Dùng một phương thức trong `Allow`, hoặc dùng dịch vụ kia: một dịch vụ ghi, một dịch vụ đọc.',
    },
    ko: {
      title: '제공되지 않는 메서드',
      client: '`Allow` 헤더의 메서드를 쓰거나 다른 서비스를 쓰십시오. 한 서비스는 기록하고 다른 서비스는 읽습니다.',
    },
  },
  'not-acceptable': {
    vi: {
      title: 'Không có định dạng được chấp nhận',
      client: 'Chấp nhận một trong các định dạng trong `offers`, hoặc không gửi `Accept`.',
    },
    ko: {
      title: '허용되는 미디어 유형이 없음',
      client: '`offers`의 미디어 유형 가운데 하나를 허용하거나 `Accept` 헤더를 보내지 마십시오.',
    },
  },
  'request-timeout': {
    vi: {
      title: 'Yêu cầu đến quá chậm',
      client: 'Gửi lại toàn bộ yêu cầu: với cùng `Idempotency-Key`, hoặc cùng `idempotencyKey` trong từng dòng.',
    },
    ko: {
      title: '요청이 제때 도착하지 않음',
      client:
        '요청 전체를 다시 보내십시오. 쓰기는 같은 `Idempotency-Key`로, 가져오기는 각 행의 같은 `idempotencyKey`로 보냅니다.',
    },
  },
  'beyond-head': {
    vi: {
      title: 'Vị trí vượt quá cuối sổ',
      client: 'So sánh `Log-Id` với sổ đang theo dõi. Nếu đã khác, hãy đọc lại sổ từ đầu.',
    },
    ko: {
      title: '로그의 끝을 넘은 위치',
      client: '`Log-Id`를 따라가던 로그의 것과 비교하십시오. 바뀌었다면 로그를 처음부터 다시 읽으십시오.',
    },
  },
  'signed-for-another-log': {
    vi: {
      title: 'Sự kiện được ký cho sổ ghi khác',
      client:
        'Kiểm tra xem có đúng dịch vụ không. Nếu sổ ghi đã được khôi phục (`GET /v1/log/forks` nêu lý do) và chưa có sự kiện đó, hãy ký lại cho `logId`.',
    },
    ko: {
      title: '다른 로그를 위해 서명됨',
      client:
        '서비스가 맞는지 확인하십시오. 로그가 복원되었고(`GET /v1/log/forks`에 이유가 있음) 그 사건이 없으면 `logId`로 다시 서명하십시오.',
    },
  },
  'version-conflict': {
    vi: {
      title: 'Đề xuất đã có phiên bản khác',
      client:
        'Đọc lại đề xuất, quyết định lại, và gửi `version` đã đọc trong `If-Match`. `currentVersion` là phiên bản hiện nay.',
    },
    ko: {
      title: '버전이 다름',
      client:
        '제안을 다시 읽고 다시 결정한 뒤, 읽은 `version`을 `If-Match`로 보내십시오. `currentVersion`이 현재 버전입니다.',
    },
  },
  'too-large': {
    vi: {
      title: 'Yêu cầu quá lớn',
      client: 'Gửi ít hơn mỗi lần: nhiều sự kiện thay vì một, hoặc nhập hàng loạt theo từng phần.',
    },
    ko: {
      title: '너무 큰 요청',
      client: '한 번에 적게 보내십시오. 사건을 여럿으로 나누거나 대량 가져오기를 나누어 보냅니다.',
    },
  },
  'uri-too-long': {
    vi: { title: 'Đường dẫn quá dài', client: 'Kiểm tra cách tạo URL.' },
    ko: { title: '너무 긴 경로', client: 'URL을 만든 방식을 확인하십시오.' },
  },
  'unsupported-media-type': {
    vi: {
      title: 'Định dạng nội dung không được hỗ trợ',
      client: 'Gửi một trong các định dạng trong `accepts`, không nén, mã hóa UTF-8.',
    },
    ko: {
      title: '지원되지 않는 본문 형식',
      client: '`accepts`의 미디어 유형 가운데 하나를 압축 없이 UTF-8로 보내십시오.',
    },
  },
  'expectation-failed': {
    vi: { title: 'Không đáp ứng được `Expect`', client: 'Không gửi `Expect`, hoặc gửi `100-continue`.' },
    ko: { title: '기대를 충족할 수 없음', client: '`Expect` 헤더를 보내지 않거나 `100-continue`를 보내십시오.' },
  },
  'idempotency-key-reused': {
    vi: {
      title: 'Khóa lặp lại thuộc yêu cầu khác',
      client: 'Dùng khóa mới cho sự kiện mới. Khi gửi lại, hãy gửi đúng nội dung lần đầu.',
    },
    ko: {
      title: '다른 요청에 쓰인 멱등 키',
      client: '새 사건에는 새 키를 쓰십시오. 반복할 때는 처음 보낸 것과 똑같이 보내십시오.',
    },
  },
  'too-many-requests': {
    vi: {
      title: 'Quá nhiều yêu cầu',
      client:
        'Chờ số giây trong `Retry-After` rồi tiếp tục chậm hơn. Nhập không có `atomic` chỉ bị làm chậm, không bị từ chối.',
    },
    ko: {
      title: '요청이 너무 많음',
      client:
        '`Retry-After`의 초만큼 기다린 뒤 더 천천히 계속하십시오. `atomic`이 없는 가져오기는 거부되지 않고 느려집니다.',
    },
  },
  'headers-too-large': {
    vi: { title: 'Phần đầu yêu cầu quá lớn', client: 'Gửi ít tiêu đề hơn, ngắn hơn, và truy vấn ngắn hơn.' },
    ko: { title: '요청 헤더가 너무 큼', client: '헤더를 줄이거나 짧게 하고 질의를 짧게 하십시오.' },
  },
  internal: {
    vi: {
      title: 'Dịch vụ gặp lỗi',
      client: 'Gửi lại yêu cầu (khi ghi, với cùng `Idempotency-Key`). Nếu lỗi còn, hãy báo `requestId`.',
    },
    ko: {
      title: '서비스 오류',
      client: '요청을 다시 보내십시오(쓰기는 같은 `Idempotency-Key`로). 계속되면 `requestId`를 알려 주십시오.',
    },
  },
  unavailable: {
    vi: {
      title: 'Dịch vụ tạm thời không sẵn sàng',
      client: 'Gửi lại đúng yêu cầu đó sau số giây trong `Retry-After`.',
    },
    ko: { title: '지금은 이용할 수 없음', client: '`Retry-After`의 초가 지난 뒤 같은 요청을 다시 보내십시오.' },
  },
  'log-went-back': {
    vi: {
      title: 'Sổ ghi đã mất sự kiện, chờ người vận hành quyết định',
      client:
        'Hãy chờ, rồi gửi lại đúng yêu cầu với cùng `Idempotency-Key`. Nếu khi đó `Log-Id` đã đổi, một lần khôi phục đã được chấp nhận: có thể mất một phần những gì bạn đã ghi, nên hãy đối chiếu với sổ.',
    },
    ko: {
      title: '로그에서 사건이 사라져 운영자의 결정이 필요함',
      client:
        '기다린 뒤 같은 `Idempotency-Key`로 같은 요청을 다시 보내십시오. 그때 `Log-Id`가 바뀌었다면 복원이 받아들여진 것입니다. 기록한 것의 일부가 없을 수 있으니 보관한 것과 로그를 비교하십시오.',
    },
  },
  'outcome-unknown': {
    vi: {
      title: 'Không rõ sự kiện đã được ghi hay chưa',
      client:
        'Gửi lại yêu cầu với cùng `Idempotency-Key` sau `Retry-After`: sự kiện sẽ được ghi, hoặc sự kiện đã ghi được trả về.',
    },
    ko: {
      title: '기록되었는지 알 수 없음',
      client:
        '`Retry-After` 뒤에 같은 `Idempotency-Key`로 같은 요청을 보내십시오. 사건이 기록되거나 이미 기록된 사건이 돌아옵니다.',
    },
  },
}
