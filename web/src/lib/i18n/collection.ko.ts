/** The words about reading repositories, in Korean. */
export const collection = {
  collect: '지금 수집',
  collecting: '수집 중…',
  /** An empty count: it is not known. */
  checked: (count: string) => `방금 확인했습니다${count && ` · 새 커밋 ${count === '0' ? '없음' : `${count}개`}`}`,
  pill: {
    waiting: '읽기를 기다리는 중',
    reading: (done: string, total: string) => `읽는 중 ${done} / ${total}`,
    readingAny: '읽는 중',
    watching: (time: string) => `지켜보는 중 · ${time}`,
    watchingAny: '지켜보는 중',
    failed: (count: string) => `저장소 ${count}곳을 읽지 못함`,
    empty: '커밋 없음',
    none: '저장소 없음',
    away: '상태를 알 수 없음',
    models: '다시 계산하는 중',
  },
  progress: '읽기 진행',
  reading: {
    title: '저장소를 읽고 있습니다',
    text: '읽은 만큼 이 화면에 바로 나타납니다. 새로 고치지 않아도 됩니다.',
    counts: (done: string, total: string) => (done === total ? `커밋 ${total}개` : `커밋 ${total}개 중 ${done}개`),
  },
  failure: {
    title: (name: string) => `${name} 저장소를 읽지 못했습니다`,
    since: (time: string) => `${time}부터`,
    consequence: '읽지 못한 날은 미출석이 아니라 알 수 없음으로 남습니다.',
    again: '저장소가 돌아오면 저절로 다시 읽습니다. 지금 다시 읽으려면 ‘지금 수집’을 누르세요.',
    reasons: {
      missing: '폴더가 사라졌거나 옮겨졌습니다.',
      'not-a-repository': 'git 저장소가 아닙니다.',
      unreadable: '저장소가 손상되었거나, 읽을 권한이나 git이 없습니다. 손상은 git fsck로 확인해 보세요.',
      'store-unavailable': '이벤트 저장소가 답하지 않아 기록하지 못했습니다.',
      timeout: 'git이 제때 답하지 않았습니다.',
    } as Record<string, string>,
  },
  states: {
    waiting: '기다리는 중',
    reading: '읽는 중',
    watching: '지켜보는 중',
    failed: '읽지 못함',
    empty: '커밋 없음',
  },
  page: {
    title: '수집 상태',
    repositories: '저장소',
    readModels: '읽기 모델',
    store: '이벤트 저장소',
    started: '시작',
    lastRead: '마지막으로 읽음',
    never: '아직 읽지 않음',
    skipped: (count: string) => `커밋 ${count}개는 읽을 수 없었습니다`,
    subscribers: '구독자',
    parked: (count: string) => `멈춰 둔 일 ${count}건`,
    subscriberStates: { live: '최신', 'catching-up': '따라잡는 중', retrying: '다시 시도하는 중', stopped: '멈춤' },
    modelStates: {
      live: '최신',
      'catching-up': '따라잡는 중',
      rebuilding: '다시 만드는 중',
      parked: '멈춤',
    },
    none: '지켜보는 저장소가 없습니다.',
  },
  events: {
    title: '최근 이벤트',
    time: '시각',
    type: '종류',
    stream: '스트림',
    empty: '아직 이벤트가 없습니다.',
    away: '지금은 이벤트를 보여 줄 수 없습니다. 곧 저절로 돌아옵니다.',
  },
};

/** What a page without a book says. */
export const empty = {
  noRepository: {
    title: '아직 심은 것이 없습니다',
    text: 'Almanac은 git 저장소 안에서 시작하면 그 저장소의 출석부를 바로 보여 줍니다. 여기는 저장소 밖입니다.',
    step: '저장소를 알려 주며 다시 시작하세요:',
    command: 'npm start -- --repo ~/projects/my-repository',
    hint: '--repo는 여러 번 쓸 수 있습니다.',
  },
  noCommits: {
    title: '첫 커밋을 기다립니다',
    text: '저장소는 찾았지만 아직 커밋이 없습니다. 커밋하면 몇 초 안에 이 화면에 나타납니다.',
    step: '첫 커밋을 남겨 보세요:',
    command: 'git commit --allow-empty -m "첫 커밋"',
    hint: '이 화면은 열어 두어도 됩니다.',
  },
  failed: {
    title: '저장소를 읽지 못했습니다',
    text: '아직 한 번도 끝까지 읽지 못해 보여 줄 출석부가 없습니다.',
    step: '경로를 확인하고 다시 시작하세요:',
    command: 'npm start -- --repo ~/projects/my-repository',
    hint: '저장소가 제자리에 돌아오면 저절로 다시 읽습니다.',
  },
  noMembers: {
    title: '아직 참여자가 없습니다',
    text: '챌린지는 열렸지만 함께하는 사람이 아직 없습니다. 첫 커밋이 읽히면 여기에 나타납니다.',
  },
};
