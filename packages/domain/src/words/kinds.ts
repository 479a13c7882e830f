import type { WordTable } from './words.ts'

/**
 * The Vietnamese words follow Decrees 56/2020 and 114/2021 on ODA, and the Law on International Agreements of 2020; the Korean words follow
 * odakorea.go.kr (무상원조, 유상원조) and the usage of KOICA and EDCF.
 */
export const kindWords = {
  'oda-grant-project': {
    en: {
      label: 'ODA grant project',
      description: 'A project that is paid for by a grant of official development assistance.',
    },
    vi: { label: 'Dự án ODA không hoàn lại', description: 'Dự án sử dụng vốn ODA không hoàn lại.' },
    ko: { label: '무상원조 사업', description: '공적개발원조(ODA) 무상원조로 추진하는 사업이다.' },
  },
  'oda-loan-project': {
    en: {
      label: 'ODA loan project',
      description: 'A project that is paid for by a concessional loan of official development assistance.',
    },
    vi: { label: 'Dự án vay ODA', description: 'Dự án sử dụng vốn vay ODA, vốn vay ưu đãi.' },
    ko: { label: '유상원조 사업', description: '공적개발원조(ODA) 양허성 차관으로 추진하는 사업이다.' },
  },
  'technical-assistance': {
    en: {
      label: 'Technical assistance',
      description: 'Experts, training or equipment that build the capacity of the receiving side.',
    },
    vi: {
      label: 'Hỗ trợ kỹ thuật',
      description: 'Chuyên gia, đào tạo hoặc thiết bị nhằm tăng cường năng lực cho bên tiếp nhận.',
    },
    ko: { label: '기술협력', description: '전문가, 연수 또는 기자재로 받는 쪽의 역량을 높인다.' },
  },
  'joint-research': {
    en: { label: 'Joint research', description: 'Research that institutions of both sides carry out together.' },
    vi: { label: 'Nghiên cứu chung', description: 'Nhiệm vụ nghiên cứu do các tổ chức của hai bên cùng thực hiện.' },
    ko: { label: '공동연구', description: '양측 기관이 함께 수행하는 연구이다.' },
  },
  'rnd-centre': {
    en: { label: 'R&D centre', description: 'A centre for research and development is founded or extended.' },
    vi: {
      label: 'Trung tâm nghiên cứu và phát triển',
      description: 'Thành lập hoặc mở rộng trung tâm nghiên cứu và phát triển.',
    },
    ko: { label: '연구개발센터', description: '연구개발센터를 설립하거나 확장한다.' },
  },
  'training-centre': {
    en: { label: 'Training centre', description: 'A centre for education or training is founded or extended.' },
    vi: { label: 'Trung tâm đào tạo', description: 'Thành lập hoặc mở rộng trung tâm đào tạo.' },
    ko: { label: '교육훈련센터', description: '교육훈련센터를 설립하거나 확장한다.' },
  },
  system: {
    en: { label: 'System', description: 'An information system or a technical facility is built and handed over.' },
    vi: { label: 'Hệ thống', description: 'Xây dựng và bàn giao hệ thống thông tin hoặc công trình kỹ thuật.' },
    ko: { label: '시스템 구축', description: '정보 시스템이나 기술 설비를 구축하여 인도한다.' },
  },
  'training-programme': {
    en: {
      label: 'Training programme',
      description: 'Courses, scholarships or study visits for people of the other side.',
    },
    vi: {
      label: 'Chương trình đào tạo',
      description: 'Các khóa học, học bổng hoặc chuyến học tập dành cho người của bên kia.',
    },
    ko: { label: '연수 프로그램', description: '상대측 인력을 위한 교육, 장학 또는 견학 과정이다.' },
  },
  exchange: {
    en: { label: 'Exchange', description: 'Experts, researchers or students visit each other.' },
    vi: { label: 'Trao đổi đoàn', description: 'Trao đổi chuyên gia, nhà nghiên cứu hoặc sinh viên.' },
    ko: { label: '인적 교류', description: '전문가, 연구자 또는 학생이 서로 방문한다.' },
  },
  'programme-participation': {
    en: {
      label: 'Participation in a programme',
      description: 'A side takes part in a programme of the other side or of others.',
    },
    vi: {
      label: 'Tham gia chương trình',
      description: 'Một bên tham gia chương trình của bên kia hoặc của tổ chức khác.',
    },
    ko: { label: '프로그램 참여', description: '한쪽이 상대측이나 다른 기관의 프로그램에 참여한다.' },
  },
  'policy-commitment': {
    en: { label: 'Policy commitment', description: 'A government promises a law, a policy or a share of its budget.' },
    vi: { label: 'Cam kết chính sách', description: 'Chính phủ cam kết về luật, chính sách hoặc tỷ lệ ngân sách.' },
    ko: { label: '정책 공약', description: '정부가 법률, 정책 또는 예산 비중을 약속한다.' },
  },
  memorandum: {
    en: { label: 'Memorandum', description: 'A memorandum of understanding, which states a common intent.' },
    vi: { label: 'Bản ghi nhớ', description: 'Bản ghi nhớ nêu ý định hợp tác chung.' },
    ko: { label: '양해각서', description: '공동의 협력 의사를 담은 양해각서이다.' },
  },
  'framework-agreement': {
    en: { label: 'Framework agreement', description: 'An agreement that sets the terms for later projects.' },
    vi: { label: 'Hiệp định khung', description: 'Hiệp định quy định các điều kiện cho những dự án sau này.' },
    ko: { label: '기본협정', description: '이후 사업의 조건을 정하는 협정이다.' },
  },
  treaty: {
    en: { label: 'Treaty', description: 'An international treaty that binds states or international organisations.' },
    vi: { label: 'Điều ước quốc tế', description: 'Điều ước ràng buộc các quốc gia hoặc tổ chức quốc tế.' },
    ko: { label: '조약', description: '국가나 국제기구를 구속하는 조약이다.' },
  },
  'committee-session': {
    en: { label: 'Committee session', description: 'A session of a joint committee or of another standing body.' },
    vi: { label: 'Khóa họp ủy ban', description: 'Khóa họp của ủy ban hỗn hợp hoặc cơ quan thường trực khác.' },
    ko: { label: '위원회 회의', description: '공동위원회나 그 밖의 상설 기구의 회의이다.' },
  },
  forum: {
    en: { label: 'Forum', description: 'A public meeting of many participants, such as a conference or a seminar.' },
    vi: { label: 'Diễn đàn', description: 'Sự kiện có nhiều bên tham dự như hội nghị, hội thảo.' },
    ko: { label: '포럼', description: '학술회의나 세미나처럼 많은 사람이 참석하는 행사이다.' },
  },
  'working-meeting': {
    en: { label: 'Working meeting', description: 'A meeting at which parties work on a subject.' },
    vi: { label: 'Họp làm việc', description: 'Cuộc họp trao đổi công việc giữa các bên.' },
    ko: { label: '실무 회의', description: '당사자들이 특정 사안을 협의하는 회의이다.' },
  },
  programme: {
    en: { label: 'Programme', description: 'A parent proposal that groups several proposals.' },
    vi: { label: 'Chương trình', description: 'Đề xuất cấp trên, bao gồm nhiều đề xuất thành phần.' },
    ko: { label: '프로그램', description: '여러 제안을 묶는 상위 제안이다.' },
  },
} as const satisfies WordTable

/** Whether a kind has funding lines. */
export const fundingNeedWords = {
  required: {
    en: { label: 'Required', description: 'It is delivered only after it was funded.' },
    vi: { label: 'Bắt buộc', description: 'Chỉ được nghiệm thu, bàn giao sau khi đã bố trí vốn.' },
    ko: { label: '필수', description: '재원이 확정된 뒤에만 이행 완료된다.' },
  },
  optional: {
    en: { label: 'Optional', description: 'It can be funded, and can be delivered without.' },
    vi: {
      label: 'Tùy chọn',
      description: 'Có thể được bố trí vốn, và cũng có thể nghiệm thu, bàn giao khi không có vốn.',
    },
    ko: { label: '선택', description: '재원을 받을 수 있고, 재원 없이 이행 완료될 수도 있다.' },
  },
  none: {
    en: { label: 'None', description: 'It takes no funding.' },
    vi: { label: 'Không có', description: 'Không nhận vốn.' },
    ko: { label: '없음', description: '재원을 받지 않는다.' },
  },
  children: {
    en: { label: 'From its parts', description: 'It is funded by its parts, or has funding lines of its own.' },
    vi: {
      label: 'Từ các đề xuất thành phần',
      description: 'Vốn đến từ các đề xuất thành phần, hoặc từ khoản vốn của chính chương trình.',
    },
    ko: { label: '하위 제안', description: '하위 제안의 재원이나 자체 재원 항목으로 추진한다.' },
  },
} as const satisfies WordTable
