import { asObject, asRole, asSubject } from './particles.ts';

/** The words of the admins' pages, in Korean. */
export const admin = {
  title: '참여자 관리',
  auditLink: '감사 기록',
  local:
    'GitHub 로그인이 설정되어 있지 않아 지금은 아무도 들어올 수 없습니다. 설정하면 여기에서 사람들을 초대하고 받아들입니다.',
  localWay: '설정하는 방법 보기',
  asRole: '역할',
  roleOf: (name: string) => `${name} 님의 역할`,
  since: (time: string) => `${time}부터`,
  waiting: {
    title: '기다리는 사람',
    none: '지금 기다리는 사람이 없습니다. 초대하지 않은 사람이 GitHub로 들어오면 여기에 보입니다.',
    approve: '받아들이기',
    approveOf: (name: string) => `${name} 님 받아들이기`,
    decline: '거절',
    declineOf: (name: string) => `${name} 님 거절`,
    approved: (name: string) => `${name} 님을 받아들였습니다.`,
    declined: (name: string) => `${name} 님을 거절했습니다.`,
    declinedTitle: '거절한 사람',
  },
  invitations: {
    title: '초대',
    text: '이 GitHub 계정으로 들어오는 사람은 기다리지 않고 바로 참여합니다. 초대 메일은 보내지 않으니 아래 주소를 알려 주세요.',
    address: '이 사이트의 주소',
    login: 'GitHub 계정',
    loginHint: '예: octocat',
    invite: '초대하기',
    invited: (login: string) => `${login} 계정을 초대했습니다.`,
    takeBack: '초대 거두기',
    takeBackOf: (login: string) => `${login} 초대 거두기`,
    takenBack: (login: string) => `${login} 초대를 거두었습니다.`,
    none: '대기 중인 초대가 없습니다.',
    faults: {
      malformed: 'GitHub 계정은 영문자, 숫자, 하이픈(-)만, 39자까지 쓸 수 있습니다. 하이픈은 연달아 쓸 수 없습니다.',
      taken: '이미 참여하고 있거나 초대한 계정입니다.',
    },
  },
  members: {
    title: '참여하는 사람',
    none: '아직 로그인한 참여자가 없습니다. 위에서 초대하거나 시즌의 참여를 열어 두세요.',
    you: '나',
    save: '바꾸기',
    saveOf: (name: string) => `${name} 님의 역할 바꾸기`,
    saved: (name: string, role: string) => `${name} 님은 이제 ${role}입니다.`,
    deactivate: '비활성화',
    deactivateOf: (name: string) => `${name} 님 비활성화`,
    deactivated: (name: string) => `${name} 님은 이제 들어올 수 없습니다. 출석은 그대로 남습니다.`,
    deactivatedTitle: '비활성화한 사람',
    reactivate: '다시 활성화',
    reactivateOf: (name: string) => `${name} 님 다시 활성화`,
    reactivated: (name: string) => `${name} 님이 다시 들어올 수 있습니다.`,
    erase: '지우기…',
    eraseOf: (name: string) => `${name} 님의 정보 지우기`,
    erased: '개인 정보를 모두 지웠습니다.',
    export: '내려받기',
    exportOf: (name: string) => `${name} 님의 정보 내려받기`,
    lastOwner: '마지막 소유자입니다. 다른 소유자가 생길 때까지 그대로 둡니다.',
    ownersOnly: '소유자와 관리자는 소유자만 바꿉니다.',
  },
  byCommits: {
    title: '커밋으로만 아는 사람',
    text: '로그인한 적은 없고 커밋에서 읽은 사람입니다.',
    count: (count: string) => `${count}명 보기`,
  },
  joining: {
    title: '참여 열기',
    text: '열어 두면 GitHub로 들어온 사람이 기다리지 않고 바로 참여자가 됩니다.',
    open: '열림',
    closed: '닫힘',
    turnOn: (title: string) => `${title} 참여 열기`,
    turnOff: (title: string) => `${title} 참여 닫기`,
    opened: (title: string) => `${title}의 참여를 열었습니다.`,
    nowClosed: (title: string) => `${title}의 참여를 닫았습니다.`,
    none: '아직 시즌이 없습니다.',
  },
};

/** Who did what to whom. `who` and `whom` are names as `people` writes them. */
export const audit = {
  title: '감사 기록',
  text: '누가 누구에게 무엇을 했는지 적은 기록입니다. 지우거나 고칠 수 없습니다.',
  back: '참여자 관리로',
  older: '더 이전',
  newest: '가장 최근부터',
  none: '아직 적힌 것이 없습니다. 누군가 들어오거나 초대받으면 여기에 적힙니다.',
  noOlder: '이보다 이전의 기록은 없습니다.',
  time: '시각',
  what: '내용',
  people: {
    named: (handle: string) => `${handle} 님`,
    erased: '지워진 사람',
    local: '이 컴퓨터의 소유자',
    operator: '서버 운영자',
    key: (id: string) => `API 키 ${id}의 프로그램`,
    'api-auth-token': 'API_AUTH_TOKEN의 프로그램',
    challenge: (title: string) => `참여가 열린 시즌 ‘${title}’`,
    self: '자신',
    nobody: '누군가',
  },
  scopes: (scopes: string) => (scopes === '' ? '공개된 것만' : scopes),
  reasons: {
    'sign-out': '로그아웃',
    revoked: '계정 페이지에서 끊음',
    reuse: '이미 쓴 갱신 토큰이 다시 보여 안전을 위해 끊음',
    expired: '기한이 지남',
    'access-ended': '들어올 수 없게 됨',
  } as Record<string, string>,
  sentences: {
    MemberInvited: (who: string, whom: string, role: string) =>
      `${asSubject(who)} ${asObject(whom)} ${asRole(role)} 초대했습니다.`,
    AccessRequested: (who: string) => `${asSubject(who)} 참여를 요청했습니다.`,
    AccessGranted: (who: string, whom: string, role: string) =>
      `${asSubject(who)} ${asObject(whom)} ${asRole(role)} 받아들였습니다.`,
    AccessDeclined: (who: string, whom: string) => `${asSubject(who)} ${asObject(whom)} 거절했습니다.`,
    RoleChanged: (who: string, whom: string, role: string) =>
      `${asSubject(who)} ${whom}의 역할을 ${asRole(role)} 바꾸었습니다.`,
    MemberDeactivated: (who: string, whom: string) => `${asSubject(who)} ${asObject(whom)} 비활성화했습니다.`,
    MemberReactivated: (who: string, whom: string) => `${asSubject(who)} ${asObject(whom)} 다시 활성화했습니다.`,
    TokenConnected: (who: string, scopes: string) => `${asSubject(who)} GitHub를 연결했습니다(${scopes}).`,
    TokenDisconnected: (who: string, whom: string) => `${asSubject(who)} ${whom}의 GitHub 연결을 끊었습니다.`,
    DataExported: (who: string, whom: string) => `${asSubject(who)} ${whom}의 정보를 내려받았습니다.`,
    MemberMerged: (who: string, into: string) => `${asSubject(who)} 커밋으로만 알려진 사람을 ${into}에 합쳤습니다.`,
    MemberErased: (who: string, whom: string) => `${asSubject(who)} ${whom}의 정보를 모두 지웠습니다.`,
    SessionStarted: (who: string) => `${asSubject(who)} 로그인했습니다.`,
    SessionRevoked: (who: string, whom: string, reason: string) =>
      `${asSubject(who)} ${asObject(whom)} 로그아웃시켰습니다(${reason}).`,
    ApiKeyIssued: (who: string, scopes: string) => `${asSubject(who)} API 키를 만들었습니다(${scopes}).`,
    ApiKeyRevoked: (who: string, whom: string) => `${asSubject(who)} ${whom}의 API 키를 없앴습니다.`,
    JoiningOpened: (who: string, challenge: string) => `${asSubject(who)} 시즌 ‘${challenge}’의 참여를 열었습니다.`,
    JoiningClosed: (who: string, challenge: string) => `${asSubject(who)} 시즌 ‘${challenge}’의 참여를 닫았습니다.`,
    AttendanceCorrected: (who: string, whom: string, day: string, verdict: string) =>
      `${asSubject(who)} ${whom}의 ${asObject(day)} ${asRole(verdict)} 고쳤습니다.`,
    CheerRemoved: (who: string, whom: string) => `${asSubject(who)} ${asSubject(whom)} 쓴 응원을 지웠습니다.`,
    DayExcused: (who: string, whom: string, day: string) =>
      `${asSubject(who)} ${whom}의 ${asObject(day)} 쉬는 날로 인정했습니다.`,
    excusedOwn: (who: string, day: string) => `${asSubject(who)} 자신의 ${asObject(day)} 쉬는 날로 정했습니다.`,
    ExcuseWithdrawn: (who: string, whom: string, day: string) =>
      `${asSubject(who)} ${whom}의 ${day} 쉼을 거두었습니다.`,
    ChallengeOpened: (who: string, challenge: string) => `${asSubject(who)} 시즌 ‘${challenge}’을 열었습니다.`,
    ChallengeRevised: (who: string, challenge: string) =>
      `${asSubject(who)} 시즌 ‘${challenge}’의 이름이나 기간을 바꾸었습니다.`,
    ChallengeRuleChanged: (who: string, challenge: string) =>
      `${asSubject(who)} 시즌 ‘${challenge}’의 규칙을 바꾸었습니다.`,
    ChallengeClosed: (who: string, challenge: string) => `${asSubject(who)} 시즌 ‘${challenge}’을 닫았습니다.`,
    MemberJoined: (who: string, whom: string, challenge: string) =>
      `${asSubject(who)} ${asObject(whom)} 시즌 ‘${challenge}’에 넣었습니다.`,
    joined: (who: string, challenge: string) => `${asSubject(who)} 시즌 ‘${challenge}’에 참여했습니다.`,
    MemberLeft: (who: string, whom: string, challenge: string) =>
      `${asSubject(who)} ${asObject(whom)} 시즌 ‘${challenge}’에서 뺐습니다.`,
    left: (who: string, challenge: string) => `${asSubject(who)} 시즌 ‘${challenge}’을 그만두었습니다.`,
    MotivationEdited: (who: string, whom: string, challenge: string) =>
      `${asSubject(who)} ${whom}에게 갈 ‘${challenge}’의 격려를 고쳤습니다.`,
    MotivationApproved: (who: string, whom: string, challenge: string) =>
      `${asSubject(who)} ${whom}에게 갈 ‘${challenge}’의 격려를 보내기로 했습니다.`,
    MotivationDiscarded: (who: string, whom: string, challenge: string) =>
      `${asSubject(who)} ${whom}에게 갈 ‘${challenge}’의 격려를 버렸습니다.`,
    MotivationArranged: (who: string, challenge: string) =>
      `${asSubject(who)} ‘${challenge}’의 격려를 보내는 방식을 바꾸었습니다.`,
    AnnouncementPosted: (who: string, challenge: string) => `${asSubject(who)} ‘${challenge}’에 알림을 올렸습니다.`,
    other: (who: string, whom: string, action: string) => `${who}: ${action} (${whom})`,
  },
};
