import type { WordTable } from './words.ts'

/** What became of an erasure that was proposed. */
export const erasureStateWords = {
  pending: {
    en: { label: 'Pending', description: 'It waits until another caller approves it.' },
    vi: { label: 'Đang chờ', description: 'Đang chờ một bên gọi khác duyệt.' },
    ko: { label: '대기 중', description: '다른 호출자의 승인을 기다린다.' },
  },
  expired: {
    en: { label: 'Expired', description: 'Nobody approved it in time, and nothing was erased.' },
    vi: { label: 'Đã hết hạn', description: 'Không ai duyệt kịp, và không có gì bị xóa.' },
    ko: { label: '기한 지남', description: '제때 승인되지 않아 아무것도 삭제되지 않았다.' },
  },
  erased: {
    en: { label: 'Erased', description: 'The texts are erased for ever.' },
    vi: { label: 'Đã xóa', description: 'Nội dung chữ đã bị xóa vĩnh viễn.' },
    ko: { label: '삭제됨', description: '글 내용이 영구히 삭제되었다.' },
  },
} as const satisfies WordTable
