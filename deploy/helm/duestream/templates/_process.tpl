{{- define "duestream.labels" -}}
app.kubernetes.io/name: duestream
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- /* The environment: settings of the values, then the Secret; .name is the process. */ -}}
{{- define "duestream.environment" -}}
{{- $secret := .secretName | default .root.Values.secretName -}}
{{- if $secret }}
envFrom:
  - secretRef: {name: {{ $secret }}}
{{- end }}
env:
  - {name: DUESTREAM_LOG_FORMAT, value: json}
  - {name: DUESTREAM_HOST, value: "0.0.0.0"}
  - {name: DUESTREAM_PORT, value: "8080"}
  - {name: DUESTREAM_SERVICES, value: {{ keys .root.Values.services | sortAlpha | join "," | quote }}}
{{- range $name, $value := omit .root.Values.settings "log_format" "host" }}
  - {name: {{ printf "DUESTREAM_%s" (upper $name) }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- end }}

{{- define "duestream.container" -}}
image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
resources: {{- toYaml (.resources | default .root.Values.resources) | nindent 2 }}
volumeMounts:
  - {name: scratch, mountPath: /tmp}
{{- if .root.Values.certificateSecretName }}
  - {name: ca, mountPath: /etc/duestream/ca, readOnly: true}
{{- end }}
{{- end }}

{{- define "duestream.pod" -}}
automountServiceAccountToken: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - {name: scratch, emptyDir: {}}
{{- if .root.Values.certificateSecretName }}
  - name: ca
    secret: {secretName: {{ .root.Values.certificateSecretName }}}
{{- end }}
{{- end }}

{{- /* What runs for ever: .words are its command, .replicas how many there are. */ -}}
{{- define "duestream.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .root.Release.Name }}-{{ .name }}
  labels: {{- include "duestream.labels" . | nindent 4 }}
spec:
{{- if not (and .scales .root.Values.keda.enabled) }}
  replicas: {{ .replicas }}
{{- end }}
  selector:
    matchLabels: {{- include "duestream.labels" . | nindent 6 }}
  strategy: {{- toYaml .strategy | nindent 4 }}
  template:
    metadata:
      labels: {{- include "duestream.labels" . | nindent 8 }}
{{- with .root.Values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
{{- end }}
    spec:
      terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
{{ include "duestream.pod" . | indent 6 }}
      containers:
        - name: {{ .name }}
          args: {{ toJson .words }}
          ports:
            - {name: metrics, containerPort: 8080}
          # Alive as long as its loop turns. A worker that is not ready waits for a server or for somebody:
          # to kill it would mend neither.
          livenessProbe:
            httpGet: {path: /livez, port: metrics}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: {path: /readyz, port: metrics}
            periodSeconds: 5
            timeoutSeconds: 3
          startupProbe:
            httpGet: {path: /livez, port: metrics}
            periodSeconds: 2
            failureThreshold: 60
{{ include "duestream.container" . | indent 10 }}
{{- include "duestream.environment" . | nindent 10 }}
{{- end }}
