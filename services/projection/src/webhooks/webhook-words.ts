import type { WordTable } from '@commitments/domain'

/** What an endpoint gets of each event. */
export const webhookContentWords = {
  event: {
    en: { label: 'Event', description: 'The event as recorded, in the envelope of CloudEvents.' },
    vi: { label: 'Sự kiện', description: 'Sự kiện đúng như đã ghi, theo khuôn CloudEvents.' },
    ko: { label: '사건', description: '기록된 그대로의 사건을 CloudEvents 형식으로 보낸다.' },
  },
  notice: {
    en: { label: 'Notice', description: 'The same envelope without the event, and with its address (`dataref`).' },
    vi: { label: 'Thông báo', description: 'Khuôn tương tự nhưng không có nội dung, chỉ có địa chỉ (`dataref`).' },
    ko: { label: '알림', description: '내용 없이 그 주소(`dataref`)만 담아 보낸다.' },
  },
} as const satisfies WordTable

export const webhookStateWords = {
  sending: {
    en: { label: 'Sending', description: 'Events are sent as they are recorded, or everything was sent.' },
    vi: { label: 'Đang gửi', description: 'Sự kiện được gửi khi ghi, hoặc đã gửi hết.' },
    ko: { label: '전송 중', description: '기록되는 대로 보내며, 모두 보냈을 수도 있다.' },
  },
  retrying: {
    en: { label: 'Retrying', description: 'The last attempt failed; the same message is sent again later.' },
    vi: { label: 'Đang thử lại', description: 'Lần gửi cuối thất bại; thông điệp ấy sẽ được gửi lại.' },
    ko: { label: '재시도 중', description: '마지막 시도가 실패해 같은 것을 나중에 다시 보낸다.' },
  },
  paused: {
    en: { label: 'Paused', description: 'Nothing is sent until its owner resumes it. Nothing is lost.' },
    vi: { label: 'Tạm dừng', description: 'Không gửi gì cho đến khi chủ sở hữu tiếp tục. Không mất gì.' },
    ko: { label: '멈춤', description: '소유자가 다시 시작할 때까지 보내지 않는다. 잃는 것은 없다.' },
  },
} as const satisfies WordTable

export const webhookPauseWords = {
  'by-hand': {
    en: { label: 'By hand', description: 'A caller paused it.' },
    vi: { label: 'Thủ công', description: 'Người gọi đã tạm dừng.' },
    ko: { label: '직접 멈춤', description: '호출자가 멈추었다.' },
  },
  gone: {
    en: { label: 'Gone', description: 'The receiver answered 410: it wants no more.' },
    vi: { label: 'Không còn', description: 'Bên nhận trả lời 410: không muốn nhận nữa.' },
    ko: { label: '사라짐', description: '받는 쪽이 410으로 답해 더 받지 않겠다고 했다.' },
  },
  'gave-up': {
    en: { label: 'Gave up', description: 'Every attempt of five days failed.' },
    vi: { label: 'Đã ngừng thử', description: 'Mọi lần gửi trong năm ngày đều thất bại.' },
    ko: { label: '포기함', description: '닷새 동안의 모든 시도가 실패했다.' },
  },
  'log-changed': {
    en: { label: 'Log changed', description: 'A restore was accepted: positions are those of another log now.' },
    vi: { label: 'Sổ đã đổi', description: 'Việc khôi phục đã được chấp nhận: vị trí nay thuộc sổ khác.' },
    ko: { label: '로그 변경됨', description: '복원이 수락되어 위치가 이제 다른 로그의 것이다.' },
  },
  'log-went-back': {
    en: { label: 'Log went back', description: 'The log no longer has an event that was sent.' },
    vi: { label: 'Sổ bị lùi', description: 'Sổ không còn một sự kiện đã gửi.' },
    ko: { label: '로그 후퇴', description: '보낸 사건이 로그에 더 이상 없다.' },
  },
} as const satisfies WordTable

/** What became of an attempt: a class, and never a text of the receiver. */
export const webhookOutcomeWords = {
  delivered: {
    en: { label: 'Delivered', description: 'The receiver answered 2xx.' },
    vi: { label: 'Đã giao', description: 'Bên nhận trả lời 2xx.' },
    ko: { label: '전달됨', description: '받는 쪽이 2xx로 답했다.' },
  },
  status: {
    en: { label: 'Refused', description: 'The receiver answered another status. Redirects are not followed.' },
    vi: { label: 'Bị từ chối', description: 'Bên nhận trả lời mã khác. Không theo chuyển hướng.' },
    ko: { label: '거부됨', description: '받는 쪽이 다른 상태로 답했다. 리디렉션은 따르지 않는다.' },
  },
  timeout: {
    en: { label: 'No answer', description: 'No answer came in time.' },
    vi: { label: 'Không trả lời', description: 'Không có trả lời kịp thời.' },
    ko: { label: '응답 없음', description: '제때 응답이 오지 않았다.' },
  },
  dns: {
    en: { label: 'Unknown host', description: 'The name of the host leads to no address.' },
    vi: { label: 'Không rõ máy chủ', description: 'Tên máy chủ không dẫn đến địa chỉ nào.' },
    ko: { label: '알 수 없는 호스트', description: '호스트 이름에 주소가 없다.' },
  },
  'refused-address': {
    en: {
      label: 'Address not allowed',
      description: 'The name leads to an address of a private or special network that the operator has not allowed.',
    },
    vi: {
      label: 'Địa chỉ không được phép',
      description: 'Tên dẫn đến địa chỉ mạng riêng hoặc đặc biệt mà người vận hành chưa cho phép.',
    },
    ko: {
      label: '허용되지 않는 주소',
      description: '이름이 운영자가 허용하지 않은 사설 또는 특수 네트워크의 주소로 이어진다.',
    },
  },
  connect: {
    en: { label: 'No connection', description: 'The host could not be reached.' },
    vi: { label: 'Không kết nối', description: 'Không kết nối được máy chủ.' },
    ko: { label: '연결 안 됨', description: '호스트에 연결할 수 없었다.' },
  },
  tls: {
    en: { label: 'TLS failed', description: 'The certificate does not hold, or the host does not speak TLS.' },
    vi: { label: 'Lỗi TLS', description: 'Chứng thư không hợp lệ, hoặc máy chủ không dùng TLS.' },
    ko: { label: 'TLS 실패', description: '인증서가 유효하지 않거나 호스트가 TLS를 쓰지 않는다.' },
  },
  broken: {
    en: { label: 'Connection lost', description: 'The connection ended, or the answer was not HTTP.' },
    vi: { label: 'Mất kết nối', description: 'Kết nối bị ngắt, hoặc trả lời không phải HTTP.' },
    ko: { label: '연결 끊김', description: '연결이 끊기거나 응답이 HTTP가 아니었다.' },
  },
  'no-right': {
    en: { label: 'No right', description: 'The key of its owner is not valid now, or may not receive events.' },
    vi: { label: 'Không có quyền', description: 'Khóa của chủ sở hữu hiện không hợp lệ hoặc không được nhận.' },
    ko: { label: '권한 없음', description: '소유자의 키가 지금 유효하지 않거나 사건을 받을 수 없다.' },
  },
} as const satisfies WordTable

export type Outcome = keyof typeof webhookOutcomeWords
export type Pause = keyof typeof webhookPauseWords
