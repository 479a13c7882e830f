/** What a control takes, for readers to whom the English sentence of the service says nothing. */
import type { Field } from './fields.ts'

type Accepted = Readonly<Partial<Record<Field['control'], string>>>

const viId = 'từ 1 đến 80 ký tự gồm chữ thường a–z, chữ số và gạch nối; đầu và cuối là chữ hoặc chữ số'
const koId = '소문자 a–z, 숫자, 붙임표로 된 1~80자이며, 처음과 끝은 글자나 숫자입니다'

export const acceptedBy: Readonly<Record<'vi' | 'ko', Accepted>> = {
  vi: {
    number: 'cần một số nguyên trong giới hạn cho phép',
    'yes-no': 'hãy chọn có hoặc không',
    choice: 'hãy chọn một mục trong danh sách',
    day: 'cần một ngày có trong lịch',
    when: 'cần thời gian, chính xác đến mức đã biết; thời điểm cuối không được trước thời điểm đầu',
    money:
      'cần số tiền, không có dấu phân cách hàng nghìn và có dấu chấm trước phần thập phân, cùng mã tiền tệ ba chữ cái như VND',
    words: 'cần nội dung bằng ít nhất một ngôn ngữ',
    'long-words': 'cần nội dung bằng ít nhất một ngôn ngữ',
    slug: `cần mã: ${viId}`,
    party: `cần mã của bên: ${viId}`,
    proposal: `cần mã của đề xuất: ${viId}`,
    event: 'hãy chọn một sự kiện của đề xuất này',
  },
  ko: {
    number: '허용 범위 안의 정수가 필요합니다',
    'yes-no': '예 또는 아니요를 고르십시오',
    choice: '목록에서 하나를 고르십시오',
    day: '달력에 있는 날짜가 필요합니다',
    when: '알려진 만큼만 정확한 날짜가 필요합니다. 끝이 시작보다 앞설 수 없습니다',
    money: '천 단위 구분 없이 소수점만 마침표로 쓴 금액과, KRW 같은 세 글자 통화 코드가 필요합니다',
    words: '적어도 한 언어로 된 글이 필요합니다',
    'long-words': '적어도 한 언어로 된 글이 필요합니다',
    slug: `식별자가 필요합니다: ${koId}`,
    party: `당사자의 식별자가 필요합니다: ${koId}`,
    proposal: `제안의 식별자가 필요합니다: ${koId}`,
    event: '이 제안의 사건을 하나 고르십시오',
  },
}
