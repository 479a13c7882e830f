import type { WordTable } from './words.ts'

/** The languages of the words themselves. */
export const languageWords = {
  en: {
    en: { label: 'English', description: 'Words in English.' },
    vi: { label: 'Tiếng Anh', description: 'Từ ngữ bằng tiếng Anh.' },
    ko: { label: '영어', description: '영어로 쓴 말이다.' },
  },
  vi: {
    en: { label: 'Vietnamese', description: 'Words in Vietnamese.' },
    vi: { label: 'Tiếng Việt', description: 'Từ ngữ bằng tiếng Việt.' },
    ko: { label: '베트남어', description: '베트남어로 쓴 말이다.' },
  },
  ko: {
    en: { label: 'Korean', description: 'Words in Korean.' },
    vi: { label: 'Tiếng Hàn', description: 'Từ ngữ bằng tiếng Hàn.' },
    ko: { label: '한국어', description: '한국어로 쓴 말이다.' },
  },
} as const satisfies WordTable
