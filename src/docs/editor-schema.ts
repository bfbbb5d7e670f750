import type { Module, ModuleRegistry } from '../modules/module.ts'
import { ownActions } from '../playbook/action.ts'
import {
  blockKeywords,
  handlerKeywords,
  importPlaybookKeywords,
  type KeywordType,
  playKeywords,
  roleKeywords,
  taskKeywords,
} from '../playbook/keyword-table.ts'
import { debuggerMoments } from '../playbook/keywords.ts'
import { mostParallel } from '../playbook/loop.ts'
import type { ArgSpec, ArgType } from '../schema/arguments.ts'
import type { JsonSchema } from '../schema/validate.ts'

const DRAFT = 'http://json-schema.org/draft-07/schema#'
const TEMPLATE: JsonSchema = { type: 'string', pattern: '\\{\\{|\\{%' }
const STRINGS: JsonSchema = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }
const CONDITION: JsonSchema = {
  anyOf: [
    { type: ['string', 'boolean', 'number'] },
    { type: 'array', items: { type: ['string', 'boolean', 'number'] } },
  ],
}
const VARS: JsonSchema = { type: ['object', 'null'] }
const STEPS: JsonSchema = { anyOf: [{ type: 'array', items: { $ref: '#/definitions/step' } }, { type: 'null' }] }
const HANDLERS: JsonSchema = { anyOf: [{ type: 'array', items: { $ref: '#/definitions/handler' } }, { type: 'null' }] }

/** Second names of modules, which a registry does not list. */
const OTHER_NAMES = ['docker_compose_v2', 'dnf5', 'gather_facts', 'systemd_service', 'yum']

const OR_TEMPLATE: JsonSchema = { type: 'string', pattern: '\\{\\{' }

const LOOP_CONTROL: JsonSchema = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    loop_var: { type: 'string' },
    index_var: { type: 'string' },
    label: {},
    pause: { anyOf: [{ type: 'number' }, OR_TEMPLATE] },
    extended: { type: ['boolean', 'string'] },
    extended_allitems: { type: ['boolean', 'string'] },
    break_when: CONDITION,
    parallel: { anyOf: [{ type: 'integer', minimum: 1, maximum: mostParallel }, OR_TEMPLATE] },
  },
}

/** Keywords whose values have a shape of their own. */
const shapes: Readonly<Record<string, JsonSchema>> = {
  name: { type: ['string', 'null'] },
  hosts: STRINGS,
  tags: STRINGS,
  when: CONDITION,
  until: CONDITION,
  changed_when: CONDITION,
  failed_when: CONDITION,
  vars: VARS,
  notify: STRINGS,
  listen: STRINGS,
  register: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
  loop_control: LOOP_CONTROL,
  debugger: { anyOf: [{ enum: debuggerMoments }, OR_TEMPLATE, { type: 'null' }] },
  block: STEPS,
  rescue: STEPS,
  always: STEPS,
  tasks: STEPS,
  pre_tasks: STEPS,
  post_tasks: STEPS,
  handlers: HANDLERS,
  roles: { anyOf: [{ type: 'array', items: { $ref: '#/definitions/role' } }, { type: 'null' }] },
}

/** JSON Schema of playbooks, for editors: keywords, modules and their arguments with what they mean. */
export function playbookSchema(modules: ModuleRegistry): JsonSchema {
  const actions = actionSchemas(modules)
  // lookups by any name, and modules of other collections by their full names
  const patterns = { '^with_': {}, '^[a-z_]+\\.[a-z_]+\\.[a-z0-9_]+$': {} }
  return {
    $schema: DRAFT,
    title: 'Playbook of mlops',
    type: 'array',
    items: { anyOf: [{ $ref: '#/definitions/play' }, { $ref: '#/definitions/import' }] },
    definitions: {
      play: { ...object(keywords(playKeywords)), required: ['hosts'] },
      import: {
        ...object(keywords(importPlaybookKeywords)),
        anyOf: [{ required: ['import_playbook'] }, { required: ['ansible.builtin.import_playbook'] }],
      },
      step: {
        if: { required: ['block'] },
        // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
        then: { $ref: '#/definitions/block' },
        else: { $ref: '#/definitions/task' },
      },
      block: { ...object(keywords(blockKeywords)), patternProperties: { '^with_': {} }, required: ['block'] },
      task: { ...object({ ...actions, ...keywords(taskKeywords) }), patternProperties: patterns },
      handler: {
        ...object({ ...actions, ...keywords(handlerKeywords), ...keywords(blockKeywords) }),
        patternProperties: patterns,
      },
      ...moduleSchemas(modules),
      role: { anyOf: [{ type: 'string' }, { type: 'object', properties: keywords(roleKeywords) }] },
    },
  }
}

/** JSON Schema of YAML inventories. */
export const inventorySchema: JsonSchema = {
  $schema: DRAFT,
  title: 'Inventory of mlops',
  type: 'object',
  additionalProperties: { $ref: '#/definitions/group' },
  definitions: {
    group: {
      type: ['object', 'null'],
      additionalProperties: false,
      properties: {
        hosts: {
          description:
            'hosts of the group: `NAME:` or `NAME: { variable: value }`; ranges such as web[01:20] stand for many',
          anyOf: [
            { type: ['string', 'null'] },
            { type: 'object', additionalProperties: { $ref: '#/definitions/host' } },
          ],
        },
        children: {
          description: 'groups inside of this one',
          anyOf: [
            { type: ['string', 'null'] },
            { type: 'object', additionalProperties: { $ref: '#/definitions/group' } },
          ],
        },
        vars: { type: ['object', 'null'], description: 'variables of all hosts of the group' },
      },
    },
    host: {
      type: ['object', 'null'],
      properties: {
        ansible_host: { type: 'string', description: 'the address, when it is not the name' },
        ansible_port: { type: ['integer', 'string'], description: 'the port of sshd' },
        ansible_user: { type: 'string', description: 'the user to log in as' },
        ansible_connection: {
          enum: ['ssh', 'local', 'docker', 'smart', 'paramiko'],
          description: 'how the host is reached',
        },
        ansible_ssh_private_key_file: { type: 'string', description: 'the key to log in with' },
        ansible_become: { type: ['boolean', 'string'], description: 'whether tasks run as another user' },
        ansible_become_user: { type: 'string', description: 'as whom tasks run' },
        ansible_become_method: { type: 'string', description: 'sudo, su or doas' },
      },
    },
  },
}

function actionSchemas(modules: ModuleRegistry): Record<string, JsonSchema> {
  const schemas: Record<string, JsonSchema> = {}
  for (const name of ownActions) schemas[name] = schemas[`ansible.builtin.${name}`] = {}
  for (const name of OTHER_NAMES) if (modules.find(name)) schemas[name] = {}
  for (const name of modules.names()) {
    const module = modules.find(name)
    if (module) schemas[name] = schemas[`ansible.builtin.${name}`] = { $ref: `#/definitions/module-${name}` }
  }
  return schemas
}

function moduleSchemas(modules: ModuleRegistry): Record<string, JsonSchema> {
  const schemas: Record<string, JsonSchema> = {}
  for (const name of modules.names()) {
    const module = modules.find(name)
    if (module) schemas[`module-${name}`] = argumentsSchema(module)
  }
  return schemas
}

function argumentsSchema(module: Module): JsonSchema {
  const properties: Record<string, JsonSchema> = {}
  for (const [name, spec] of Object.entries<ArgSpec>(module.args)) {
    if (spec.unsupported !== undefined) continue
    for (const each of [name, ...(spec.aliases ?? [])]) properties[each] = argumentSchema(spec)
  }
  const free = module.kind === 'controller' && module.freeArgs === true
  const mapping = { type: 'object', properties, ...(free ? {} : { additionalProperties: false }) }
  return { description: module.summary, anyOf: [mapping, { type: ['string', 'null'] }] }
}

function argumentSchema(spec: ArgSpec): JsonSchema {
  const choices = spec.type !== 'list' && spec.choices
  const value = choices ? { enum: choices } : typeSchema(spec.type)
  // yes and no are booleans in the YAML of today's editors as texts; texts are read as whatever is wanted
  return { description: spec.doc, anyOf: [value, TEMPLATE, ...(choices ? [] : looseSchema(spec.type))] }
}

function typeSchema(type: ArgType): JsonSchema {
  switch (type) {
    case 'str':
    case 'path':
      return { type: ['string', 'number', 'boolean', 'null'] }
    case 'int':
      return { type: ['integer', 'null'] }
    case 'float':
      return { type: ['number', 'null'] }
    case 'bool':
      return { type: ['boolean', 'null'] }
    case 'list':
      return { type: ['array', 'string', 'number', 'null'] }
    case 'dict':
      return { type: ['object', 'string', 'null'] }
    case 'raw':
      return {}
    default:
      return type satisfies never
  }
}

/** Texts that Ansible takes for numbers and truth values. */
function looseSchema(type: ArgType): JsonSchema[] {
  if (type === 'bool')
    return [{ enum: ['yes', 'no', 'on', 'off', 'Yes', 'No', 'true', 'false', 'True', 'False', 0, 1] }]
  return type === 'int' || type === 'float' ? [{ type: 'string', pattern: '^-?[0-9.]+$' }] : []
}

function keywords(table: Readonly<Record<string, KeywordType>>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(table).map(([name, type]) => [name, shapes[name] ?? keywordSchema(type)]))
}

function keywordSchema(type: KeywordType): JsonSchema {
  switch (type) {
    case 'bool':
      return argumentSchemaOf('bool')
    case 'int':
      return argumentSchemaOf('int')
    case 'float':
      return argumentSchemaOf('float')
    case 'percent':
      return { type: ['number', 'string'] }
    case 'text':
      return { type: ['string', 'number', 'boolean', 'null'] }
    case 'special':
      return {}
    default:
      return type satisfies never
  }
}

function argumentSchemaOf(type: ArgType): JsonSchema {
  return { anyOf: [typeSchema(type), TEMPLATE, ...looseSchema(type)] }
}

function object(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: 'object', additionalProperties: false, properties }
}
