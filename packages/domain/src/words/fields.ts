import type { WordTable } from './words.ts'

/**
 * The fields of activity that have words. The list of fields is open: a ledger may use others, which are shown as their slugs. The
 * Vietnamese and Korean words are those of the two ministries of science.
 */
export const fieldWords = {
  agriculture: {
    en: { label: 'Agriculture', description: 'Farming, forestry, fisheries and food.' },
    vi: { label: 'Nông nghiệp', description: 'Trồng trọt, chăn nuôi, lâm nghiệp, thủy sản và thực phẩm.' },
    ko: { label: '농업', description: '농림, 축산, 수산 및 식품 분야이다.' },
  },
  'artificial-intelligence': {
    en: { label: 'Artificial intelligence', description: 'Machine learning and its applications.' },
    vi: { label: 'Trí tuệ nhân tạo', description: 'Học máy và ứng dụng.' },
    ko: { label: '인공지능', description: '기계학습과 그 응용 분야이다.' },
  },
  'atomic-energy': {
    en: { label: 'Atomic energy', description: 'Peaceful use of nuclear energy and radiation.' },
    vi: { label: 'Năng lượng nguyên tử', description: 'Sử dụng năng lượng hạt nhân và bức xạ vì mục đích hòa bình.' },
    ko: { label: '원자력', description: '원자력과 방사선의 평화적 이용 분야이다.' },
  },
  'big-data': {
    en: { label: 'Big data', description: 'Collection and analysis of large amounts of data.' },
    vi: { label: 'Dữ liệu lớn', description: 'Thu thập và phân tích lượng dữ liệu lớn.' },
    ko: { label: '빅데이터', description: '대규모 데이터의 수집과 분석 분야이다.' },
  },
  biotechnology: {
    en: { label: 'Biotechnology', description: 'Technology that uses living organisms.' },
    vi: { label: 'Công nghệ sinh học', description: 'Công nghệ sử dụng sinh vật sống.' },
    ko: { label: '생명공학', description: '생물체를 이용하는 기술 분야이다.' },
  },
  'clean-energy': {
    en: { label: 'Clean energy', description: 'Energy without harmful emissions.' },
    vi: { label: 'Năng lượng sạch', description: 'Năng lượng không phát thải độc hại.' },
    ko: { label: '청정에너지', description: '유해 물질을 배출하지 않는 에너지 분야이다.' },
  },
  'cyber-security': {
    en: { label: 'Cyber security', description: 'Protection of networks, systems and data.' },
    vi: { label: 'An ninh mạng', description: 'Bảo vệ mạng, hệ thống và dữ liệu.' },
    ko: { label: '사이버 보안', description: '네트워크, 시스템, 데이터의 보호 분야이다.' },
  },
  'data-centres': {
    en: { label: 'Data centres', description: 'Buildings and systems that store and process data.' },
    vi: { label: 'Trung tâm dữ liệu', description: 'Cơ sở hạ tầng lưu trữ và xử lý dữ liệu.' },
    ko: { label: '데이터센터', description: '데이터를 보관하고 처리하는 시설 분야이다.' },
  },
  'digital-government': {
    en: { label: 'Digital government', description: 'Digital public services and administration.' },
    vi: { label: 'Chính phủ số', description: 'Dịch vụ công và quản lý nhà nước trên môi trường số.' },
    ko: { label: '디지털 정부', description: '디지털 기반의 공공서비스와 행정 분야이다.' },
  },
  'digital-transformation': {
    en: {
      label: 'Digital transformation',
      description: 'Changes in the economy and the administration through digital technology.',
    },
    vi: { label: 'Chuyển đổi số', description: 'Đổi mới kinh tế và quản lý bằng công nghệ số.' },
    ko: { label: '디지털 전환', description: '디지털 기술에 의한 경제와 행정의 변화 분야이다.' },
  },
  education: {
    en: { label: 'Education', description: 'Schools, universities and vocational training.' },
    vi: { label: 'Giáo dục', description: 'Giáo dục phổ thông, đại học và dạy nghề.' },
    ko: { label: '교육', description: '초중등, 고등 및 직업 교육 분야이다.' },
  },
  electronics: {
    en: { label: 'Electronics', description: 'Electronic parts and devices.' },
    vi: { label: 'Điện tử', description: 'Linh kiện và thiết bị điện tử.' },
    ko: { label: '전자', description: '전자 부품과 기기 분야이다.' },
  },
  'green-technology': {
    en: { label: 'Green technology', description: 'Technology that protects the environment.' },
    vi: { label: 'Công nghệ xanh', description: 'Công nghệ bảo vệ môi trường.' },
    ko: { label: '녹색기술', description: '환경을 보호하는 기술 분야이다.' },
  },
  health: {
    en: { label: 'Health', description: 'Medicine and public health.' },
    vi: { label: 'Y tế', description: 'Y học và chăm sóc sức khỏe.' },
    ko: { label: '보건의료', description: '의료와 공중보건 분야이다.' },
  },
  'high-technology': {
    en: { label: 'High technology', description: 'Advanced technology, and parks for it.' },
    vi: { label: 'Công nghệ cao', description: 'Công nghệ cao và khu công nghệ cao.' },
    ko: { label: '첨단기술', description: '첨단기술과 첨단기술단지 분야이다.' },
  },
  'industrial-technology': {
    en: { label: 'Industrial technology', description: 'Technology for production and industry.' },
    vi: { label: 'Công nghệ công nghiệp', description: 'Công nghệ phục vụ sản xuất và công nghiệp.' },
    ko: { label: '산업기술', description: '생산과 산업을 위한 기술 분야이다.' },
  },
  innovation: {
    en: { label: 'Innovation', description: 'New products, services and methods, and the policy for them.' },
    vi: { label: 'Đổi mới sáng tạo', description: 'Sản phẩm, dịch vụ, phương thức mới và chính sách liên quan.' },
    ko: { label: '혁신', description: '새로운 제품, 서비스, 방식과 관련 정책 분야이다.' },
  },
  'intellectual-property': {
    en: { label: 'Intellectual property', description: 'Patents, trade marks, designs and copyright.' },
    vi: { label: 'Sở hữu trí tuệ', description: 'Sáng chế, nhãn hiệu, kiểu dáng và quyền tác giả.' },
    ko: { label: '지식재산', description: '특허, 상표, 디자인, 저작권 분야이다.' },
  },
  nanotechnology: {
    en: { label: 'Nanotechnology', description: 'Structures and materials at the scale of nanometres.' },
    vi: { label: 'Công nghệ nano', description: 'Cấu trúc và vật liệu ở kích thước nano.' },
    ko: { label: '나노기술', description: '나노미터 크기의 구조와 소재 분야이다.' },
  },
  'new-energy': {
    en: { label: 'New energy', description: 'New sources of energy, such as hydrogen.' },
    vi: { label: 'Năng lượng mới', description: 'Các nguồn năng lượng mới như hydro.' },
    ko: { label: '신에너지', description: '수소 등 새로운 에너지원 분야이다.' },
  },
  'new-materials': {
    en: { label: 'New materials', description: 'Materials with new properties.' },
    vi: { label: 'Vật liệu mới', description: 'Vật liệu có tính năng mới.' },
    ko: { label: '신소재', description: '새로운 성질을 지닌 소재 분야이다.' },
  },
  'next-generation-networks': {
    en: { label: 'Next-generation networks', description: 'Networks of the next generation, such as 6G.' },
    vi: { label: 'Mạng thế hệ mới', description: 'Mạng thế hệ tiếp theo như 6G.' },
    ko: { label: '차세대 네트워크', description: '6G 등 차세대 통신망 분야이다.' },
  },
  'open-science': {
    en: { label: 'Open science', description: 'Open access to publications and research data.' },
    vi: { label: 'Khoa học mở', description: 'Truy cập mở tới công bố khoa học và dữ liệu nghiên cứu.' },
    ko: { label: '오픈사이언스', description: '논문과 연구 데이터의 개방 분야이다.' },
  },
  quantum: {
    en: { label: 'Quantum technology', description: 'Computing, communication and sensing by quantum effects.' },
    vi: { label: 'Công nghệ lượng tử', description: 'Tính toán, truyền thông và cảm biến lượng tử.' },
    ko: { label: '양자기술', description: '양자 컴퓨팅, 통신, 센서 분야이다.' },
  },
  'rare-earths': {
    en: { label: 'Rare earths', description: 'Extraction, processing and use of rare earths.' },
    vi: { label: 'Đất hiếm', description: 'Khai thác, chế biến và sử dụng đất hiếm.' },
    ko: { label: '희토류', description: '희토류의 채굴, 가공, 이용 분야이다.' },
  },
  'research-development': {
    en: { label: 'Research and development', description: 'Research and experimental development in general.' },
    vi: { label: 'Nghiên cứu và phát triển', description: 'Hoạt động nghiên cứu và phát triển nói chung.' },
    ko: { label: '연구개발', description: '연구개발 일반 분야이다.' },
  },
  'science-technology': {
    en: { label: 'Science and technology', description: 'Science and technology in general.' },
    vi: { label: 'Khoa học và công nghệ', description: 'Khoa học và công nghệ nói chung.' },
    ko: { label: '과학기술', description: '과학기술 일반 분야이다.' },
  },
  semiconductors: {
    en: { label: 'Semiconductors', description: 'Design, production and testing of chips.' },
    vi: { label: 'Bán dẫn', description: 'Thiết kế, sản xuất và kiểm thử chip.' },
    ko: { label: '반도체', description: '반도체의 설계, 생산, 시험 분야이다.' },
  },
  smes: {
    en: { label: 'Small and medium-sized enterprises', description: 'Support for small and medium-sized enterprises.' },
    vi: { label: 'Doanh nghiệp nhỏ và vừa', description: 'Hỗ trợ doanh nghiệp nhỏ và vừa.' },
    ko: { label: '중소기업', description: '중소기업 지원 분야이다.' },
  },
  'st-policy': {
    en: { label: 'Science and technology policy', description: 'Policy and administration of science and technology.' },
    vi: { label: 'Chính sách khoa học và công nghệ', description: 'Chính sách và quản lý khoa học và công nghệ.' },
    ko: { label: '과학기술정책', description: '과학기술의 정책과 행정 분야이다.' },
  },
  'standards-metrology': {
    en: { label: 'Standards and metrology', description: 'Standards, measurement, testing and accreditation.' },
    vi: { label: 'Tiêu chuẩn, đo lường', description: 'Tiêu chuẩn, đo lường, thử nghiệm và công nhận.' },
    ko: { label: '표준·계량', description: '표준, 측정, 시험, 인정 분야이다.' },
  },
  'start-ups': {
    en: { label: 'Start-ups', description: 'Founding and supporting new companies.' },
    vi: { label: 'Khởi nghiệp sáng tạo', description: 'Thành lập và hỗ trợ doanh nghiệp khởi nghiệp.' },
    ko: { label: '창업', description: '신생 기업의 설립과 지원 분야이다.' },
  },
  'technology-assessment': {
    en: { label: 'Technology assessment', description: 'Evaluation and valuation of technology.' },
    vi: { label: 'Thẩm định công nghệ', description: 'Đánh giá, thẩm định và định giá công nghệ.' },
    ko: { label: '기술평가', description: '기술의 평가와 가치 산정 분야이다.' },
  },
  'technology-commercialisation': {
    en: { label: 'Commercialisation of technology', description: 'Bringing results of research to the market.' },
    vi: { label: 'Thương mại hóa công nghệ', description: 'Đưa kết quả nghiên cứu ra thị trường.' },
    ko: { label: '기술사업화', description: '연구 결과를 시장에 내놓는 분야이다.' },
  },
  'technology-transfer': {
    en: { label: 'Technology transfer', description: 'Passing technology on to those who use it.' },
    vi: { label: 'Chuyển giao công nghệ', description: 'Chuyển giao công nghệ cho bên sử dụng.' },
    ko: { label: '기술이전', description: '기술을 사용하는 곳으로 이전하는 분야이다.' },
  },
  telecommunications: {
    en: { label: 'Telecommunications', description: 'Networks and services for communication.' },
    vi: { label: 'Viễn thông', description: 'Mạng và dịch vụ viễn thông.' },
    ko: { label: '정보통신', description: '통신망과 통신 서비스 분야이다.' },
  },
  transport: {
    en: { label: 'Transport', description: 'Roads, railways, ports, aviation and logistics.' },
    vi: { label: 'Giao thông vận tải', description: 'Đường bộ, đường sắt, cảng biển, hàng không và hậu cần.' },
    ko: { label: '교통', description: '도로, 철도, 항만, 항공, 물류 분야이다.' },
  },
} as const satisfies WordTable
