import { account } from './account.ko.ts';
import { admin, audit } from './admin.ko.ts';

/** The words of the pages about who somebody is, in Korean. Only those pages load them. */
export const identity = {
  roles: { member: '참여자', admin: '관리자', owner: '소유자' },
  signIn: {
    title: '로그인',
    what: 'Almanac은 커밋이 스스로 쓰는 출석부입니다. 누가 언제 무엇을 만들었는지 커밋만으로 적습니다.',
    button: 'GitHub로 계속하기',
    asked: 'GitHub에서 받는 정보',
    askedList: [
      '이름과 계정, 확인된 이메일 주소를 받습니다. 커밋 가운데 어느 것이 내 것인지 알기 위해서입니다.',
      '코드는 보지 않고, 비공개 저장소도 보지 않습니다. 원하면 나중에 내 계정 페이지에서 따로 연결합니다.',
    ],
    notConfigured: {
      title: '아직 로그인할 수 없습니다',
      text: '이 서버에는 GitHub 로그인이 설정되어 있지 않습니다. 서버를 돌보는 사람이 GitHub에 OAuth 앱을 만들고 다음 값을 넣어 다시 시작하면 됩니다.',
      owners: 'OWNERS에 적은 GitHub 계정은 처음 로그인할 때 소유자가 됩니다.',
    },
    faults: {
      'not-configured': '이 서버에는 GitHub 로그인이 설정되어 있지 않습니다.',
      denied: 'GitHub에서 허락하지 않아 여기서 멈췄습니다. 바뀐 것은 없습니다.',
      expired: '시작한 지 오래되었거나 다른 창에서 시작한 요청입니다. 다시 시작해 주세요.',
      refused: 'GitHub가 이 요청을 받아 주지 않았습니다. 다시 시작해 주세요.',
      unavailable: 'GitHub가 지금 답하지 않습니다. 잠시 뒤 다시 해 보세요.',
      'other-account': 'GitHub에서 고른 계정이 여기에 로그인한 계정과 다릅니다. 같은 계정으로 다시 연결해 주세요.',
      deactivated: '이 계정은 여기에서 비활성화되었습니다. 잘못된 것 같으면 관리자에게 물어봐 주세요.',
      other: '로그인하지 못했습니다. 다시 시작해 주세요.',
    },
    signedOut: '로그아웃했습니다. 이 브라우저에는 로그인이 남아 있지 않습니다.',
    ended: '지금 쓰던 곳에서 로그아웃했습니다.',
    erased: '개인 정보를 모두 지웠습니다. 함께해 주셔서 고맙습니다.',
    toAccount: '내 계정으로 돌아가기',
  },
  waiting: {
    title: '거의 다 왔습니다',
    declinedTitle: '들어오지 못했습니다',
    as: (name: string) => `${name} 계정으로 로그인했습니다.`,
    text: '아직 초대받지 않은 계정이라 관리자가 확인하는 중입니다. 허락되면 이 페이지가 스스로 출석부로 바뀝니다. 창을 닫아도 기다리는 순서는 그대로입니다.',
    declined:
      '관리자가 이번에는 받아들이지 않았습니다. 잘못된 것 같다면 챌린지를 여는 분에게 직접 물어보세요. 마음이 바뀌어 허락되면 이 페이지가 출석부로 바뀝니다.',
    next: '그동안 할 수 있는 일',
    declinedNext: '할 수 있는 일',
    look: '다시 확인하기',
    looking: '10초마다 스스로 확인합니다.',
    signOut: '로그아웃',
    leave: '기다리지 않고 내 정보 지우기',
    declinedLeave: '내 정보 지우기',
    otherAccount: '다른 GitHub 계정이라면 먼저 로그아웃한 뒤 그 계정으로 다시 로그인하세요.',
  },
  faults: {
    403: '이 일을 할 권한이 없습니다.',
    404: '이미 없어졌습니다. 페이지를 새로 열어 확인해 주세요.',
    409: '그 사이 다른 사람이 바꾸었거나 지금은 할 수 없는 상태입니다. 새로 보이는 내용을 확인해 주세요.',
    429: '요청이 너무 잦습니다. 잠시 뒤 다시 해 주세요.',
    503: '서버가 잠시 답하지 못합니다. 바뀐 것은 없으니 잠시 뒤 다시 해 주세요.',
    other: '하지 못했습니다. 바뀐 것은 없습니다.',
  },
  account,
  admin,
  audit,
};

export type IdentityWords = typeof identity;
