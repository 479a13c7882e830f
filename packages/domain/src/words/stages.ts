import type { WordTable } from './words.ts'

/** The five stages, and the five events that reach them: an act and the stage after it have the same name. */
export const stageWords = {
  proposed: {
    en: { label: 'Proposed', description: 'Put forward by a party; nobody else is bound.' },
    vi: { label: 'Đề xuất', description: 'Một bên nêu đề xuất; chưa ràng buộc bên nào khác.' },
    ko: { label: '제안', description: '한 당사자가 제안한 단계로, 다른 당사자는 구속되지 않는다.' },
  },
  agreed: {
    en: { label: 'Agreed', description: 'All required parties accepted the terms.' },
    vi: { label: 'Nhất trí', description: 'Các bên cần thiết đã nhất trí, ký kết các điều khoản.' },
    ko: { label: '합의', description: '필요한 모든 당사자가 조건을 받아들였다.' },
  },
  funded: {
    en: { label: 'Funded', description: 'A firm written obligation for an amount, disclosed or not.' },
    vi: { label: 'Bố trí vốn', description: 'Cam kết vốn chắc chắn bằng văn bản, có hoặc không nêu số tiền.' },
    ko: { label: '재원 확정', description: '금액에 대한 확정된 서면 약정으로, 금액은 공개되지 않을 수 있다.' },
  },
  delivered: {
    en: { label: 'Delivered', description: 'The promised output exists and the receiving side accepted it.' },
    vi: { label: 'Nghiệm thu, bàn giao', description: 'Kết quả đã cam kết đã có và được bên tiếp nhận nghiệm thu.' },
    ko: { label: '이행 완료', description: '약속한 결과물이 있고 받는 쪽이 이를 인수하였다.' },
  },
  closed: {
    en: { label: 'Closed', description: 'Delivered and settled.' },
    vi: { label: 'Quyết toán', description: 'Đã nghiệm thu, bàn giao và quyết toán.' },
    ko: { label: '정산 종결', description: '이행이 완료되고 정산되었다.' },
  },
} as const satisfies WordTable

export const endingWords = {
  declined: {
    en: { label: 'Declined', description: 'A party to which it was proposed did not accept it.' },
    vi: { label: 'Từ chối', description: 'Bên nhận đề xuất không chấp thuận.' },
    ko: { label: '거절', description: '제안을 받은 당사자가 받아들이지 않았다.' },
  },
  withdrawn: {
    en: { label: 'Withdrawn', description: 'The proposer withdrew it.' },
    vi: { label: 'Rút đề xuất', description: 'Bên đề xuất đã rút lại đề xuất.' },
    ko: { label: '철회', description: '제안한 당사자가 제안을 거두어들였다.' },
  },
  cancelled: {
    en: { label: 'Cancelled', description: 'It was called off.' },
    vi: { label: 'Hủy bỏ', description: 'Đã bị hủy bỏ, không thực hiện nữa.' },
    ko: { label: '취소', description: '추진하지 않기로 하였다.' },
  },
  terminated: {
    en: { label: 'Terminated', description: 'The agreement was ended before its term.' },
    vi: { label: 'Chấm dứt trước hạn', description: 'Thỏa thuận đã bị chấm dứt trước thời hạn.' },
    ko: { label: '중도 해지', description: '합의한 내용이 기한 전에 해지되었다.' },
  },
  expired: {
    en: { label: 'Expired', description: 'Its term ended, and it was not renewed.' },
    vi: { label: 'Hết hiệu lực', description: 'Đã hết thời hạn và không được gia hạn.' },
    ko: { label: '기간 만료', description: '기간이 끝났고 연장되지 않았다.' },
  },
  superseded: {
    en: { label: 'Superseded', description: 'Another proposal took its place.' },
    vi: { label: 'Được thay thế', description: 'Đã có đề xuất khác thay thế.' },
    ko: { label: '대체', description: '다른 제안이 이를 대신하였다.' },
  },
  void: {
    en: { label: 'Void', description: 'It was recorded by mistake and is left out of lists.' },
    vi: { label: 'Ghi nhầm', description: 'Được ghi nhận nhầm và không hiển thị trong danh sách.' },
    ko: { label: '오기록', description: '잘못 기록되어 목록에서 제외된다.' },
  },
} as const satisfies WordTable
