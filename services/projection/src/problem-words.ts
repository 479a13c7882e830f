import type { ProblemTexts } from '@commitments/domain'
import type { OwnProblemCode } from './problems.ts'

/** Title and advice of this service's problems in Vietnamese and Korean; the English texts are in problems.ts. */
export const ownProblemTexts: Readonly<Record<OwnProblemCode, ProblemTexts>> = {
  'not-yet-applied': {
    vi: {
      title: 'Chưa xử lý tới vị trí đó',
      client:
        'Gửi lại sau `Retry-After`. Nếu vẫn vậy, so sánh vị trí với `Log-Position` của lần ghi, và `Log-Id` với `Log-Id` của lần ghi.',
    },
    ko: {
      title: '아직 그 위치까지 적용되지 않음',
      client:
        '`Retry-After` 뒤에 다시 보내십시오. 계속되면 위치를 쓰기의 `Log-Position`과, `Log-Id`를 쓰기의 `Log-Id`와 비교하십시오.',
    },
  },
  'before-beginning': {
    vi: { title: 'Khi đó sổ chưa có sự kiện', client: 'Hỏi ngày, thời điểm hoặc vị trí muộn hơn.' },
    ko: { title: '그때는 사건이 없었음', client: '더 나중의 날짜, 시각 또는 위치를 물으십시오.' },
  },
  'too-many-downloads': {
    vi: { title: 'Quá nhiều lượt tải cùng lúc', client: 'Gửi lại sau `Retry-After`.' },
    ko: { title: '동시 내려받기가 너무 많음', client: '`Retry-After` 뒤에 다시 보내십시오.' },
  },
  'too-many-proposals': {
    vi: {
      title: 'Quá nhiều đề xuất cho một tệp XLSX',
      client: 'Dùng CSV của từng bảng, vốn không giới hạn, hoặc thu hẹp lựa chọn bằng bộ lọc.',
    },
    ko: {
      title: '통합 문서에 담기에는 제안이 너무 많음',
      client: '한도가 없는 표별 CSV를 쓰거나 필터로 범위를 좁히십시오.',
    },
  },
  'too-many-readers': {
    vi: {
      title: 'Quá nhiều người theo dõi trực tiếp',
      client: 'Kết nối lại sau `Retry-After` với `Last-Event-ID` đang có. Không mất gì trong lúc đó.',
    },
    ko: {
      title: '실시간 구독자가 너무 많음',
      client: '`Retry-After` 뒤에 가지고 있는 `Last-Event-ID`로 다시 연결하십시오. 그동안 잃는 것은 없습니다.',
    },
  },
  'not-configured': {
    vi: { title: 'Ở đây chưa cấu hình', client: 'Hỏi người vận hành, hoặc đọc sổ ở dạng khác.' },
    ko: { title: '여기에는 설정되어 있지 않음', client: '운영자에게 문의하거나 다른 형식으로 읽으십시오.' },
  },
  'not-exportable': {
    vi: {
      title: 'Không thể công bố đề xuất này lên IATI',
      client:
        'Bổ sung các trường được nêu trong hồ sơ (`complete`), hoặc đề nghị người vận hành bổ sung phần cấu hình.',
    },
    ko: {
      title: '이 제안은 IATI에 공개할 수 없음',
      client: '기록에서 지목된 항목(`complete`)을 보완하거나 운영자에게 설정 보완을 요청하십시오.',
    },
  },
  'nothing-to-export': {
    vi: {
      title: 'Không có gì để công bố lên IATI',
      client: 'Đọc `report`: ở đó nêu mỗi đề xuất vi phạm quy tắc nào và cách khắc phục.',
    },
    ko: {
      title: 'IATI에 공개할 것이 없음',
      client: '`report`를 읽으십시오. 각 제안이 어떤 규칙을 지키지 못하는지와 해결 방법이 있습니다.',
    },
  },
  'rebuild-running': {
    vi: { title: 'Đang xây dựng lại', client: 'Theo dõi lần đang chạy ở `/v1/projections`; yêu cầu lại khi xong.' },
    ko: {
      title: '재구축이 진행 중',
      client: '`/v1/projections`에서 진행 중인 것을 지켜보고, 끝나면 다시 요청하십시오.',
    },
  },
  'nothing-to-accept': {
    vi: {
      title: 'Không có khác biệt chờ chấp nhận',
      client:
        'Lấy số của bản ở giai đoạn `differs` từ `/v1/projections`, hoặc xây dựng lại không kèm `acceptDifferences`.',
    },
    ko: {
      title: '수락을 기다리는 차이가 없음',
      client: '`/v1/projections`에서 `differs` 단계의 번호를 쓰거나 `acceptDifferences` 없이 재구축하십시오.',
    },
  },
  'log-not-ready': {
    vi: { title: 'Sổ minh bạch chưa sẵn sàng', client: 'Gửi lại sau `Retry-After`.' },
    ko: { title: '투명성 로그가 준비되지 않음', client: '`Retry-After` 뒤에 다시 보내십시오.' },
  },
  'log-replaced': {
    vi: {
      title: 'Sổ này đã được thay bằng sổ khác',
      client:
        'Đọc sổ hiện nay (`presentLogId`). `/v1/log/forks` có điểm kiểm tra cuối cùng đã ký của sổ cũ: so sánh với bản bạn đang giữ.',
    },
    ko: {
      title: '다른 로그가 이 로그를 대신함',
      client:
        '현재 로그(`presentLogId`)를 읽으십시오. `/v1/log/forks`에 옛 로그의 마지막 서명된 체크포인트가 있으니 보관한 것과 비교하십시오.',
    },
  },
  'not-in-checkpoint': {
    vi: {
      title: 'Ngoài điểm kiểm tra đã ký',
      client:
        'Lấy điểm kiểm tra từ `/log/checkpoint` và không vượt kích thước của nó, cũng có trong `signed`. Sự kiện được ký trong vòng một giây sau khi ghi.',
    },
    ko: {
      title: '서명된 체크포인트 밖',
      client:
        '`/log/checkpoint`의 체크포인트를 받아 그 크기(`signed`에도 있음) 안에서 물으십시오. 사건은 기록된 뒤 1초 안에 포함됩니다.',
    },
  },
  'drift-check-running': {
    vi: {
      title: 'Đang kiểm tra sai lệch',
      client: 'Theo dõi lần đang chạy ở `/v1/projections`; yêu cầu lại khi xong.',
    },
    ko: {
      title: '불일치 점검이 진행 중',
      client: '`/v1/projections`에서 진행 중인 것을 지켜보고, 끝나면 다시 요청하십시오.',
    },
  },
  'rebuild-due': {
    vi: {
      title: 'Cần xây dựng lại',
      client: 'Xây dựng lại trước (`/v1/projections/{name}/rebuild`), rồi yêu cầu lại.',
    },
    ko: { title: '재구축이 필요함', client: '먼저 재구축(`/v1/projections/{name}/rebuild`)한 뒤 다시 요청하십시오.' },
  },
  'only-reads': {
    vi: {
      title: 'Phiên bản này chỉ đọc',
      client: 'Gửi yêu cầu tới một phiên bản có xử lý sổ.',
    },
    ko: { title: '이 인스턴스는 읽기만 함', client: '로그를 적용하는 인스턴스로 보내십시오.' },
  },
  'unknown-webhook': {
    vi: { title: 'Bạn không có điểm nhận này', client: 'Lấy tên từ `/v1/webhooks`.' },
    ko: { title: '그런 수신처가 없음', client: '`/v1/webhooks`에서 이름을 가져오십시오.' },
  },
  'webhook-name-taken': {
    vi: { title: 'Tên điểm nhận đã có chủ', client: 'Chọn tên khác, ví dụ bắt đầu bằng tên cơ quan của bạn.' },
    ko: { title: '이미 쓰이는 수신처 이름', client: '기관 이름으로 시작하는 것처럼 다른 이름을 고르십시오.' },
  },
  'too-many-webhooks': {
    vi: { title: 'Quá nhiều điểm nhận', client: 'Xóa điểm không cần, hoặc dùng một điểm với bộ lọc rộng hơn.' },
    ko: { title: '수신처가 너무 많음', client: '필요 없는 것을 지우거나, 더 넓은 필터로 하나만 쓰십시오.' },
  },
  'unknown-projection': {
    vi: { title: 'Không có mô hình đọc này', client: 'Lấy tên từ `/v1/projections`.' },
    ko: { title: '그런 투영이 없음', client: '`/v1/projections`에서 이름을 가져오십시오.' },
  },
}
