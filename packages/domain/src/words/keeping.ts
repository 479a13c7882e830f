import type { WordTable } from './words.ts'

/** Why a difference between a wish and the record is not planned. */
export const whyNotWords = {
  'recorded-otherwise': {
    en: {
      label: 'Recorded otherwise',
      description:
        'The record says that it was otherwise. Only `corrected` changes what was recorded, and a correction is never guessed.',
    },
    vi: {
      label: 'Đã ghi khác',
      description:
        'Bản ghi nói khác. Chỉ `corrected` thay đổi được điều đã ghi, và hệ thống không bao giờ tự đoán một đính chính.',
    },
    ko: {
      label: '다르게 기록됨',
      description: '기록에는 다르게 되어 있다. 기록된 것은 `corrected`로만 바뀌며, 정정은 추측하지 않는다.',
    },
  },
  'needs-amendment': {
    en: {
      label: 'Needs an amendment',
      description: 'It was agreed so. Only `amended` changes agreed terms, with the decision of the parties.',
    },
    vi: {
      label: 'Cần sửa đổi thỏa thuận',
      description:
        'Các bên đã thỏa thuận như vậy. Chỉ `amended`, theo quyết định của các bên, thay đổi được điều đã thỏa thuận.',
    },
    ko: {
      label: '변경 합의 필요',
      description: '그렇게 합의되었다. 합의된 조건은 당사자의 결정에 따라 `amended`로만 바뀐다.',
    },
  },
  'needs-reason': {
    en: { label: 'Needs a reason', description: 'Something known changes, and the wish gives no `reason`.' },
    vi: { label: 'Cần lý do', description: 'Một điều đã biết thay đổi mà mong muốn không nêu `reason`.' },
    ko: { label: '사유 필요', description: '알려진 사항이 바뀌는데 `reason`이 없다.' },
  },
  'changed-since': {
    en: {
      label: 'Changed since',
      description:
        'It was so in the record before, until somebody else changed it, or until it was corrected, retracted or reopened. A system that has not noticed does not take that back.',
    },
    vi: {
      label: 'Đã thay đổi sau đó',
      description:
        'Trước đây bản ghi nói như vậy, cho đến khi người khác thay đổi, hoặc khi được đính chính, rút lại hay mở lại. Một hệ thống chưa biết điều đó không làm nó trở lại như cũ.',
    },
    ko: {
      label: '그 뒤 바뀜',
      description:
        '전에는 기록이 그러하였으나 다른 이가 바꾸었거나 정정, 철회 또는 재개방되었다. 이를 알지 못한 시스템이 되돌리지 않는다.',
    },
  },
  'later-holds': {
    en: {
      label: 'A later one holds',
      description: 'Its event would count before one that is recorded, and would change nothing: the later one holds.',
    },
    vi: {
      label: 'Sự kiện sau có hiệu lực',
      description: 'Sự kiện này tính trước một sự kiện đã ghi nên không thay đổi gì: sự kiện sau có hiệu lực.',
    },
    ko: {
      label: '뒤의 사건이 우선함',
      description: '이미 기록된 사건보다 앞선 날로 계산되어 아무것도 바꾸지 않는다. 뒤의 사건이 우선한다.',
    },
  },
} as const satisfies WordTable
