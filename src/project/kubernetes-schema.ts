const text = (description: string) => ({ type: 'string', minLength: 1, description })
const name = (description: string) => ({
  type: 'string',
  pattern: '^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$',
  description,
})
const digest = {
  type: 'string',
  pattern: '^(sha256:[0-9a-f]{64}|[0-9a-f]{12,64})$',
  description:
    'what changes with the model: for a URL sha256: and 64 hex digits, for a volume also the id of a release',
}
const sha256 = {
  type: 'string',
  pattern: '^sha256:',
  description: 'the SHA-256 of the file: sha256: and 64 hex digits',
}

const model = {
  description: 'where pods get this model: `folder`, `url` with `digest`, or `claim` with `digest`',
  type: 'object',
  additionalProperties: false,
  properties: {
    folder: text('a folder with the model, seen from mlops.yml: it goes along as a ConfigMap of at most 1 MiB'),
    url: {
      type: 'string',
      pattern: '^https?://\\S+$',
      description: 'a model of one file that pods fetch when they start',
    },
    claim: name('a PersistentVolumeClaim that has it'),
    path: { type: 'string', pattern: '^[^/\\s][^\\s]*$', description: 'its folder in the volume; by default its name' },
    digest,
  },
  oneOf: [
    {
      description: 'a `folder` has neither `digest` nor `path`: what lies in it says both',
      required: ['folder'],
      not: { anyOf: [{ required: ['digest'] }, { required: ['path'] }] },
    },
    {
      description: 'a `url` has no `path`: it is one file',
      required: ['url', 'digest'],
      not: { required: ['path'] },
      properties: { digest: sha256 },
    },
    { required: ['claim', 'digest'] },
  ],
}

/** The JSON Schema of `kubernetes:`. */
export const kubernetesSchema = {
  type: 'object',
  description: 'how the application runs on Kubernetes',
  additionalProperties: false,
  properties: {
    namespace: {
      type: 'string',
      pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$',
      description: "a namespace; by default that of the kubeconfig's context",
    },
    context: text('a context of the kubeconfig; by default its current one'),
    image: {
      type: 'string',
      pattern: '^[a-z0-9][\\w./:-]*(@sha256:[0-9a-f]{64})?$',
      description: "the predictor's image with its tag, such as registry.example.org/team/predictor:3f2a9c1",
    },
    image_pull_secret: name('a Secret that lets the cluster pull the image'),
    solution: { enum: [1, 2], description: '1: all in one pod; 2: web, worker and broker apart' },
    models: {
      type: 'object',
      description: 'where pods get the models, by name',
      additionalProperties: false,
      properties: { diabetes: model, american: model },
    },
    broker: {
      type: 'object',
      description: 'the message broker',
      additionalProperties: false,
      properties: {
        by: { enum: ['statefulset', 'operator'], description: 'who runs it: we, or the cluster operator of RabbitMQ' },
        image: text("the broker's image"),
      },
    },
    autoscale: { enum: ['cpu', 'queue'], description: 'what workers follow: load, or the queue (needs KEDA)' },
    publish: {
      type: 'object',
      description: 'the Git repository that manifests are committed to',
      additionalProperties: false,
      required: ['repository'],
      properties: {
        repository: {
          type: 'string',
          pattern: '^[^-\\s]\\S*$',
          description: 'a repository as git takes it: a URL, host:path, or a path seen from mlops.yml',
        },
        branch: {
          type: 'string',
          pattern: '^(?![-/.])(?!.*(\\.\\.|//|@\\{|\\.lock$|[/.]$))[^\\s~^:?*\\[\\\\]+$',
          description: "a branch; by default the one that the repository's HEAD names",
        },
        path: {
          type: 'string',
          pattern: '^(\\.|(?!\\.{1,2}(/|$)|\\.git(/|$))[^/\\s]+(/(?!\\.{1,2}(/|$)|\\.git(/|$))[^/\\s]+)*/?)$',
          description: 'a folder in it, such as deploy or apps/tweets; by default its top',
        },
        format: { enum: ['manifests', 'helm', 'kustomize'], description: 'what is committed; by default manifests' },
      },
    },
    secret: name('a Secret of the namespace with the passwords, when mlops shall write none'),
  },
}
