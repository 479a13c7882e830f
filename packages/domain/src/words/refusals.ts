import type { ProblemTexts } from './words.ts'

/** Name and advice of refusals in Vietnamese and Korean; the English texts are in refusals.ts. */
export const refusalTexts = {
  'unknown-proposal': {
    vi: { title: 'Không có đề xuất này', client: 'Kiểm tra lại mã. Nếu mã đúng, hãy ghi `proposed` trước.' },
    ko: { title: '그런 제안이 없음', client: 'ID를 확인하십시오. 맞다면 먼저 `proposed`를 기록하십시오.' },
  },
  'already-proposed': {
    vi: {
      title: 'Mã đã được dùng',
      client:
        'Nếu là cùng một đề xuất, hãy ghi các sự việc mới vào đề xuất đó; nếu không, hãy chọn mã khác. Mã không bao giờ dùng lại.',
    },
    ko: {
      title: '이미 쓰인 ID',
      client: '같은 제안이면 그 제안에 새로운 사실을 기록하고, 아니면 다른 ID를 고르십시오. ID는 다시 쓰지 않습니다.',
    },
  },
  'unknown-parent': {
    vi: { title: 'Chưa có chương trình cấp trên', client: 'Ghi chương trình cấp trên trước, hoặc bỏ `parent`.' },
    ko: { title: '상위 제안이 없음', client: '상위 제안을 먼저 기록하거나 `parent`를 빼십시오.' },
  },
  'unknown-related-proposal': {
    vi: { title: 'Chưa có đề xuất liên quan', client: 'Ghi đề xuất đó trước, hoặc bỏ nó.' },
    ko: { title: '관련 제안이 없음', client: '그 제안을 먼저 기록하거나 빼십시오.' },
  },
  'in-the-future': {
    vi: {
      title: 'Việc chưa thể xảy ra',
      client: 'Ghi sau khi việc đã xảy ra, hoặc chỉ ghi ngày chính xác đến mức đã biết.',
    },
    ko: { title: '아직 일어날 수 없는 일', client: '일어난 뒤에 기록하거나, 날짜를 아는 만큼만 적으십시오.' },
  },
  ended: {
    vi: { title: 'Đề xuất đã kết thúc', client: 'Nếu thực tế đã mở lại, hãy ghi `reopened` trước.' },
    ko: { title: '종료된 제안', client: '실제로 재개되었다면 먼저 `reopened`를 기록하십시오.' },
  },
  closed: {
    vi: { title: 'Đề xuất đã quyết toán', client: 'Nếu thực tế đã mở lại, hãy ghi `reopened` trước.' },
    ko: { title: '정산 종결된 제안', client: '실제로 재개되었다면 먼저 `reopened`를 기록하십시오.' },
  },
  suspended: {
    vi: { title: 'Đề xuất đang tạm dừng', client: 'Nếu thực tế đã tiếp tục, hãy ghi `resumed` trước.' },
    ko: { title: '중단된 제안', client: '실제로 재개되었다면 먼저 `resumed`를 기록하십시오.' },
  },
  'not-a-party': {
    vi: {
      title: 'Không phải là bên của đề xuất',
      client: 'Dùng một trong các mã mà thông báo liệt kê trong `parties`.',
    },
    ko: { title: '제안의 당사자가 아님', client: '문제에 적힌 `parties` 가운데 하나를 쓰십시오.' },
  },
  'already-agreed': {
    vi: {
      title: 'Đã nhất trí',
      client:
        'Nếu là cùng một việc thì không cần làm gì. Ghi điều khoản mới bằng `amended`, ghi sai sót của hồ sơ bằng `corrected`.',
    },
    ko: {
      title: '이미 합의됨',
      client: '같은 행위면 아무것도 하지 마십시오. 새 조건은 `amended`로, 기록의 오류는 `corrected`로 기록하십시오.',
    },
  },
  'too-few-parties': {
    vi: { title: 'Quá ít bên nhất trí', client: 'Nêu ít nhất hai bên của đề xuất.' },
    ko: { title: '합의 당사자가 부족함', client: '제안의 당사자를 둘 이상 적으십시오.' },
  },
  'missing-instrument': {
    vi: { title: 'Thiếu văn kiện', client: 'Nêu `data.instrument`; nếu chưa biết tên văn kiện thì dùng tên mô tả.' },
    ko: {
      title: '합의 문서가 없음',
      client: '`data.instrument`를 적으십시오. 문서명을 모르면 설명하는 제목으로 충분합니다.',
    },
  },
  'missing-objectives': {
    vi: {
      title: 'Thiếu mục tiêu',
      client: 'Nêu `data.terms.objectives`; có thể chưa biết thời gian bắt đầu và kết thúc.',
    },
    ko: { title: '목표가 없음', client: '`data.terms.objectives`를 적으십시오. 시작과 종료는 몰라도 됩니다.' },
  },
  'ends-before-start': {
    vi: { title: 'Kết thúc trước khi bắt đầu', client: 'Nêu thời gian bắt đầu và kết thúc phù hợp với nhau.' },
    ko: { title: '시작 전에 끝남', client: '함께 성립하는 시작과 종료를 적으십시오.' },
  },
  'takes-no-funding': {
    vi: { title: 'Loại hình này không nhận vốn', client: 'Ghi việc bố trí vốn vào dự án được cấp vốn.' },
    ko: { title: '재원을 받지 않는 유형', client: '재원이 쓰이는 사업에 기록하십시오.' },
  },
  'not-agreed': {
    vi: { title: 'Chưa có gì được nhất trí', client: 'Ghi `agreed` trước.' },
    ko: { title: '합의된 것이 없음', client: '먼저 `agreed`를 기록하십시오.' },
  },
  'line-exists': {
    vi: {
      title: 'Khoản vốn đã có',
      client: 'Chọn mã khác cho khoản vốn mới. Ghi sai sót của khoản đã có bằng `corrected`.',
    },
    ko: {
      title: '이미 있는 재원 항목',
      client: '새 항목에는 다른 ID를 고르십시오. 기존 항목의 오류는 `corrected`로 기록하십시오.',
    },
  },
  'unknown-pledge': {
    vi: { title: 'Chưa có khoản cam kết này', client: 'Ghi khoản cam kết trước, hoặc bỏ `pledge`.' },
    ko: { title: '공여 의사가 없음', client: '공여 의사를 먼저 기록하거나 `pledge`를 빼십시오.' },
  },
  'not-funded': {
    vi: { title: 'Chưa có khoản vốn nào', client: 'Ghi `funded` trước; số tiền có thể chưa rõ hoặc không công bố.' },
    ko: { title: '재원 항목이 없음', client: '먼저 `funded`를 기록하십시오. 금액은 미상이거나 비공개여도 됩니다.' },
  },
  'already-delivered': {
    vi: {
      title: 'Đã nghiệm thu, bàn giao',
      client: 'Nếu là cùng một việc thì không cần làm gì. Ghi sai sót của hồ sơ bằng `corrected`.',
    },
    ko: {
      title: '이미 이행 완료됨',
      client: '같은 행위면 아무것도 하지 마십시오. 기록의 오류는 `corrected`로 기록하십시오.',
    },
  },
  'only-implementer-accepted': {
    vi: {
      title: 'Chỉ bên thực hiện nghiệm thu',
      client: 'Nêu một bên có vai trò khác, hoặc bỏ `acceptedBy` nếu chưa biết.',
    },
    ko: { title: '시행 기관만 인수함', client: '다른 역할의 당사자를 적거나, 모르면 `acceptedBy`를 빼십시오.' },
  },
  'needs-evidence': {
    vi: { title: 'Cần minh chứng', client: 'Nêu ít nhất một minh chứng trong `evidence`.' },
    ko: { title: '증빙이 필요함', client: '`evidence`를 하나 이상 적으십시오.' },
  },
  'already-consented': {
    vi: {
      title: 'Đã ghi chấp thuận này',
      client: 'Nếu là cùng một việc thì không cần làm gì. Bổ sung minh chứng bằng `evidence-attached`.',
    },
    ko: {
      title: '이미 기록된 동의',
      client: '같은 행위면 아무것도 하지 마십시오. 추가 증빙은 `evidence-attached`로 붙이십시오.',
    },
  },
  'changes-nothing': {
    vi: { title: 'Không thay đổi gì', client: 'Không cần làm gì, hoặc nêu giá trị khác.' },
    ko: { title: '바뀌는 것이 없음', client: '아무것도 하지 않거나 다른 값을 적으십시오.' },
  },
  'already-planned': {
    vi: {
      title: 'Đã biết thời hạn hoặc địa điểm',
      client: 'Ghi `rescheduled` khi thời hạn thay đổi, `amended` khi điều khoản thay đổi, `corrected` khi hồ sơ sai.',
    },
    ko: {
      title: '이미 알려진 일정이나 장소',
      client:
        '날짜가 바뀌었으면 `rescheduled`, 조건이 바뀌었으면 `amended`, 기록이 틀렸으면 `corrected`를 기록하십시오.',
    },
  },
  'same-date': {
    vi: { title: 'Thời hạn không đổi', client: 'Không cần làm gì, hoặc nêu thời hạn khác.' },
    ko: { title: '같은 날짜', client: '아무것도 하지 않거나 다른 날짜를 적으십시오.' },
  },
  'already-suspended': {
    vi: {
      title: 'Đã tạm dừng',
      client: 'Nếu là cùng một lần tạm dừng thì không cần làm gì; nếu không, hãy ghi `resumed` trước.',
    },
    ko: { title: '이미 중단됨', client: '같은 중단이면 아무것도 하지 마십시오. 아니면 먼저 `resumed`를 기록하십시오.' },
  },
  'not-suspended': {
    vi: { title: 'Không tạm dừng', client: 'Không cần làm gì, hoặc ghi `suspended` trước.' },
    ko: { title: '중단되지 않음', client: '아무것도 하지 않거나 먼저 `suspended`를 기록하십시오.' },
  },
  'money-undecided': {
    vi: { title: 'Chưa quyết định về vốn còn lại', client: 'Nêu `data.remaining`: `keep`, `decommit` hoặc `return`.' },
    ko: {
      title: '잔액 처리가 정해지지 않음',
      client: '`data.remaining`에 `keep`, `decommit`, `return` 가운데 하나를 적으십시오.',
    },
  },
  'not-ended': {
    vi: { title: 'Đề xuất đang mở', client: 'Không cần làm gì.' },
    ko: { title: '종료되지 않은 제안', client: '아무것도 하지 마십시오.' },
  },
  superseded: {
    vi: { title: 'Đã được thay thế', client: 'Ghi các sự kiện tiếp theo vào đề xuất thay thế.' },
    ko: { title: '대체된 제안', client: '대체한 제안에 이후 사건을 기록하십시오.' },
  },
  'not-delivered': {
    vi: { title: 'Chưa nghiệm thu, bàn giao', client: 'Ghi `delivered` trước.' },
    ko: { title: '이행 완료되지 않음', client: '먼저 `delivered`를 기록하십시오.' },
  },
  'money-not-settled': {
    vi: { title: 'Vốn chưa quyết toán', client: 'Ghi phần đã giải ngân hoặc đã hủy, hoặc đính chính số tiền chưa rõ.' },
    ko: { title: '정산되지 않은 자금', client: '집행하거나 해제한 금액을 기록하거나, 알 수 없는 금액을 정정하십시오.' },
  },
  'milestone-open': {
    vi: {
      title: 'Còn mốc bắt buộc chưa đạt',
      client: 'Ghi `milestone-reached` cho từng mốc mà thông báo liệt kê, hoặc bàn giao với `complete: false`.',
    },
    ko: {
      title: '남은 필수 중간 목표',
      client: '문제에 적힌 각 목표에 `milestone-reached`를 기록하거나 `complete: false`로 이행을 기록하십시오.',
    },
  },
  'unknown-line': {
    vi: {
      title: 'Không có khoản vốn này',
      client: 'Dùng một trong các mã mà thông báo liệt kê trong `lines`, hoặc ghi `funded` trước.',
    },
    ko: { title: '재원 항목이 없음', client: '문제에 적힌 `lines` 가운데 하나를 쓰거나 먼저 `funded`를 기록하십시오.' },
  },
  'unknown-tranche': {
    vi: {
      title: 'Không có đợt giải ngân này',
      client: 'Dùng một trong các mã trong `tranches`, lập kế hoạch đợt trước, hoặc bỏ nó.',
    },
    ko: { title: '분할 지급분이 없음', client: '`tranches` 가운데 하나를 쓰거나, 먼저 계획하거나, 빼십시오.' },
  },
  'unknown-transaction': {
    vi: { title: 'Không có giao dịch này', client: 'Dùng một trong các mã mà thông báo liệt kê trong `transactions`.' },
    ko: { title: '거래가 없음', client: '문제에 적힌 `transactions` 가운데 하나를 쓰십시오.' },
  },
  'transaction-exists': {
    vi: {
      title: 'Giao dịch đã có',
      client: 'Nếu là cùng một khoản thanh toán thì không cần làm gì; nếu không, hãy chọn mã khác.',
    },
    ko: { title: '이미 있는 거래', client: '같은 지급이면 아무것도 하지 말고, 아니면 다른 ID를 고르십시오.' },
  },
  'other-provider': {
    vi: {
      title: 'Cam kết của bên cấp khác',
      client: 'Nêu cam kết của cùng bên cấp, hoặc chọn mã khác cho cam kết mới.',
    },
    ko: {
      title: '다른 제공 기관의 공여 의사',
      client: '같은 제공 기관의 공여 의사를 적거나, 새 공여 의사에는 다른 ID를 고르십시오.',
    },
  },
  'other-currency': {
    vi: { title: 'Sai loại tiền', client: 'Nêu số tiền bằng loại tiền mà thông báo ghi trong `currency`.' },
    ko: { title: '통화가 다름', client: '문제의 `currency`에 적힌 통화로 금액을 적으십시오.' },
  },
  'withdrawn-currency': {
    vi: {
      title: 'Loại tiền không còn lưu hành',
      client: 'Nêu số tiền bằng loại tiền đã thanh toán, hoặc nêu ngày đã diễn ra.',
    },
    ko: { title: '폐지된 통화', client: '실제로 지급된 통화의 금액이나 일어난 날짜를 적으십시오.' },
  },
  'other-line': {
    vi: { title: 'Đợt giải ngân của khoản khác', client: 'Nêu khoản vốn mà thông báo ghi, hoặc đợt khác.' },
    ko: { title: '다른 재원 항목의 분할 지급분', client: '문제에 적힌 재원 항목이나 다른 분할 지급분을 적으십시오.' },
  },
  'over-committed': {
    vi: {
      title: 'Vượt vốn cam kết',
      client: 'Nêu nhiều nhất số tiền ghi trong `undisbursed`. Nếu số tiền của khoản vốn sai, hãy đính chính trước.',
    },
    ko: {
      title: '약정액 초과',
      client: '`undisbursed`에 적힌 금액 이하로 적으십시오. 항목의 금액이 틀렸다면 먼저 정정하십시오.',
    },
  },
  'over-decommitted': {
    vi: { title: 'Vượt phần còn lại của khoản vốn', client: 'Nêu nhiều nhất số tiền ghi trong `undisbursed`.' },
    ko: { title: '항목 잔액 초과', client: '`undisbursed`에 적힌 금액 이하로 적으십시오.' },
  },
  'over-planned': {
    vi: {
      title: 'Vượt số tiền của khoản vốn',
      client: 'Giảm hoặc hủy các đợt trước, hoặc lập kế hoạch hay hủy vốn ít hơn.',
    },
    ko: { title: '항목 금액 초과', client: '먼저 분할 지급을 줄이거나 취소하거나, 계획액이나 해제액을 줄이십시오.' },
  },
  'over-refunded': {
    vi: { title: 'Vượt khoản đã giải ngân', client: 'Nêu nhiều nhất số tiền ghi trong `refundable`.' },
    ko: { title: '집행액 초과', client: '`refundable`에 적힌 금액 이하로 적으십시오.' },
  },
  'already-started': {
    vi: {
      title: 'Đã khởi động',
      client: 'Nếu là cùng một việc thì không cần làm gì. Ghi sai sót của hồ sơ bằng `corrected`.',
    },
    ko: {
      title: '이미 착수됨',
      client: '같은 행위면 아무것도 하지 마십시오. 기록의 오류는 `corrected`로 기록하십시오.',
    },
  },
  'milestone-exists': {
    vi: { title: 'Mốc đã có', client: 'Ghi `rescheduled` để đổi thời hạn, hoặc chọn mã khác.' },
    ko: {
      title: '이미 있는 중간 목표',
      client: '날짜가 바뀌었으면 `rescheduled`를 기록하고, 아니면 다른 ID를 고르십시오.',
    },
  },
  'unknown-milestone': {
    vi: {
      title: 'Không có mốc này',
      client: 'Dùng một trong các mã mà thông báo liệt kê trong `milestones`, hoặc nêu `data.title`.',
    },
    ko: {
      title: '중간 목표가 없음',
      client: '문제에 적힌 `milestones` 가운데 하나를 쓰거나 `data.title`을 적으십시오.',
    },
  },
  'no-risk-flagged': {
    vi: { title: 'Không có rủi ro được cảnh báo', client: 'Không cần làm gì, hoặc ghi `risk-flagged` trước.' },
    ko: { title: '제기된 위험이 없음', client: '아무것도 하지 않거나 먼저 `risk-flagged`를 기록하십시오.' },
  },
  'not-a-session': {
    vi: { title: 'Không có chương trình nghị sự', client: 'Ghi vào khóa họp.' },
    ko: { title: '의제가 없는 제안', client: '회의에 기록하십시오.' },
  },
  'unknown-agenda-item': {
    vi: {
      title: 'Không có nội dung này',
      client: 'Dùng một trong các số mà thông báo liệt kê trong `items`, hoặc ghi `agenda-set` trước.',
    },
    ko: {
      title: '의제 항목이 없음',
      client: '문제에 적힌 `items` 가운데 하나를 쓰거나 먼저 `agenda-set`을 기록하십시오.',
    },
  },
  'last-party': {
    vi: { title: 'Bên cuối cùng', client: 'Ghi `ended`, hoặc để một bên khác tham gia trước.' },
    ko: { title: '마지막 당사자', client: '`ended`를 기록하거나 다른 당사자를 먼저 참여시키십시오.' },
  },
  'last-funder': {
    vi: {
      title: 'Bên cấp vốn cuối cùng',
      client: 'Giải ngân hoặc hủy phần vốn còn lại, hoặc để một bên cấp vốn khác tham gia trước.',
    },
    ko: {
      title: '마지막 재원 제공 기관',
      client: '남은 자금을 집행하거나 해제하거나, 다른 재원 제공 기관을 먼저 참여시키십시오.',
    },
  },
  'linked-to-itself': {
    vi: { title: 'Liên kết với chính nó', client: 'Nêu đề xuất khác.' },
    ko: { title: '자기 자신과 연결됨', client: '다른 제안을 적으십시오.' },
  },
  'already-linked': {
    vi: { title: 'Đã có liên kết này', client: 'Không cần làm gì. Bổ sung minh chứng bằng `evidence-attached`.' },
    ko: { title: '이미 기록된 연결', client: '아무것도 하지 마십시오. 추가 증빙은 `evidence-attached`로 붙이십시오.' },
  },
  'second-parent': {
    vi: {
      title: 'Đã thuộc một chương trình',
      client: 'Ghi `unlinked` khỏi chương trình ghi trong `parent` trước, hoặc đính chính liên kết nếu đã ghi sai.',
    },
    ko: {
      title: '이미 상위 제안이 있음',
      client: '먼저 `parent`에 적힌 상위 제안과의 `unlinked`를 기록하거나, 잘못 기록된 연결이면 정정하십시오.',
    },
  },
  'parent-cycle': {
    vi: { title: 'Quan hệ cấp trên vòng tròn', client: 'Nếu liên kết theo chiều kia sai, hãy bỏ liên kết đó trước.' },
    ko: { title: '상위 관계가 순환함', client: '반대 방향의 연결이 틀렸다면 먼저 해제하십시오.' },
  },
  'link-cycle': {
    vi: { title: 'Liên kết vòng tròn', client: 'Nếu liên kết theo chiều kia sai, hãy bỏ liên kết đó trước.' },
    ko: { title: '연결이 순환함', client: '반대 방향의 연결이 틀렸다면 먼저 해제하십시오.' },
  },
  'not-linked': {
    vi: { title: 'Không có liên kết này', client: 'Dùng một trong các liên kết mà thông báo liệt kê trong `links`.' },
    ko: { title: '그런 연결이 없음', client: '문제에 적힌 `links` 가운데 하나를 쓰십시오.' },
  },
  'earlier-confirmation': {
    vi: { title: 'Sớm hơn lần xác nhận gần nhất', client: 'Không cần làm gì: đã có xác nhận muộn hơn.' },
    ko: { title: '마지막 확인보다 이름', client: '아무것도 하지 마십시오. 더 나중의 확인이 기록되어 있습니다.' },
  },
  'unknown-version': {
    vi: { title: 'Không có sự kiện này', client: 'Dùng phiên bản từ 1 đến số ghi trong `version`.' },
    ko: { title: '그런 사건이 없음', client: '1부터 `version`에 적힌 번호까지의 버전을 쓰십시오.' },
  },
  'not-contested': {
    vi: {
      title: 'Không có ý kiến khác',
      client: 'Dùng một trong các phiên bản mà thông báo liệt kê trong `contested`.',
    },
    ko: { title: '이견이 없음', client: '문제에 적힌 `contested` 가운데 하나를 쓰십시오.' },
  },
  'correction-dated': {
    vi: {
      title: 'Đính chính không có ngày riêng',
      client: 'Để null. Ngày đúng của sự kiện ghi trong mục tương ứng của `data.corrections`.',
    },
    ko: {
      title: '정정에는 자체 날짜가 없음',
      client: 'null을 적으십시오. 사건의 올바른 날짜는 `data.corrections`의 해당 항목에 적습니다.',
    },
  },
  'not-correctable': {
    vi: { title: 'Không thể đính chính một đính chính', client: 'Rút lại sự kiện đó và ghi sự kiện đúng.' },
    ko: { title: '정정은 정정할 수 없음', client: '그 사건을 철회하고 올바른 것을 기록하십시오.' },
  },
  'erasure-stands': {
    vi: {
      title: 'Việc xóa được ghi lại vĩnh viễn',
      client: 'Bỏ sự kiện đó ra. Nội dung đã xóa mà được phép công bố thì ghi lại bằng `updated` hoặc `corrected`.',
    },
    ko: {
      title: '삭제 기록은 그대로 남음',
      client: '그 사건을 빼십시오. 삭제된 내용 가운데 말해도 되는 것은 `updated`나 `corrected`로 새로 기록하십시오.',
    },
  },
  'correction-invalid': {
    vi: {
      title: 'Dữ liệu đính chính không hợp lệ',
      client: 'Sửa các lỗi liệt kê trong `errors`. `data` là toàn bộ dữ liệu đúng, thay cho dữ liệu cũ.',
    },
    ko: {
      title: '정정 데이터가 맞지 않음',
      client: '`errors`에 적힌 오류를 고치십시오. `data`는 이전 데이터를 대신하는 전체 데이터입니다.',
    },
  },
  'breaks-events': {
    vi: {
      title: 'Làm sai các sự kiện khác',
      client: 'Đính chính hoặc rút lại cả các sự kiện liệt kê trong `broken`, trong cùng một sự kiện.',
    },
    ko: {
      title: '다른 사건이 성립하지 않게 됨',
      client: '`broken`에 적힌 사건도 같은 사건 안에서 함께 정정하거나 철회하십시오.',
    },
  },
  'first-event-retracted': {
    vi: {
      title: 'Không thể rút lại sự kiện đầu tiên',
      client: 'Đính chính sự kiện đó; nếu cả đề xuất được ghi nhầm, hãy kết thúc với `void`.',
    },
    ko: {
      title: '첫 사건은 철회할 수 없음',
      client: '정정하거나, 제안 전체가 잘못 기록되었다면 `void`로 종료하십시오.',
    },
  },
  'too-many-events': {
    vi: {
      title: 'Đề xuất đã đủ số sự kiện tối đa',
      client: 'Ghi các sự kiện tiếp theo vào đề xuất mới, với đề xuất này là cấp trên.',
    },
    ko: { title: '사건 수가 최대에 이름', client: '이 제안을 상위로 하는 새 제안에 이후 사건을 기록하십시오.' },
  },
  'proposal-too-large': {
    vi: {
      title: 'Đề xuất đã đạt kích thước tối đa',
      client: 'Ghi các sự kiện tiếp theo vào đề xuất mới, với đề xuất này là cấp trên. Dẫn văn bản dài làm minh chứng.',
    },
    ko: {
      title: '제안이 최대 크기에 이름',
      client: '이 제안을 상위로 하는 새 제안에 이후 사건을 기록하고, 긴 글은 증빙으로 인용하십시오.',
    },
  },
  'too-many-parties': {
    vi: {
      title: 'Quá nhiều bên',
      client: 'Ghi các phần thành đề xuất riêng, hoặc ghi các bên thành một nhóm (`group: true`).',
    },
    ko: {
      title: '당사자가 너무 많음',
      client: '부분을 별도의 제안으로 기록하거나 당사자를 집단(`group: true`)으로 적으십시오.',
    },
  },
  'too-many-links': {
    vi: {
      title: 'Quá nhiều liên kết',
      client: 'Liên kết từ đề xuất kia tới đề xuất này hoặc tới một phần của nó: cả hai đều hiển thị liên kết.',
    },
    ko: {
      title: '연결이 너무 많음',
      client: '다른 제안에서 이 제안이나 그 부분으로 연결하십시오. 양쪽 모두에 연결이 보입니다.',
    },
  },
  'too-many-entries': {
    vi: {
      title: 'Một danh sách của đề xuất đã đầy',
      client: 'Ghi các sự kiện tiếp theo vào đề xuất mới, với đề xuất này là cấp trên.',
    },
    ko: { title: '제안의 목록이 가득 참', client: '이 제안을 상위로 하는 새 제안에 이후 사건을 기록하십시오.' },
  },
  'parents-too-deep': {
    vi: { title: 'Quá nhiều cấp', client: 'Chọn cấp trên gần gốc hơn.' },
    ko: { title: '상위 단계가 너무 많음', client: '더 위에 가까운 상위 제안을 고르십시오.' },
  },
  'links-too-long': {
    vi: { title: 'Chuỗi liên kết quá dài', client: 'Liên kết tới đề xuất gần cuối chuỗi hơn.' },
    ko: { title: '연결이 너무 길게 이어짐', client: '연결 끝에 더 가까운 제안에 연결하십시오.' },
  },
} as const satisfies Readonly<Record<string, ProblemTexts>>
