package app

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMaskLine(t *testing.T) {
	tests := []struct{ args, want string }{ // arguments are separated by "|"
		// Nothing to hide.
		{"node|/srv/shop/server.js|--port|3000", "node /srv/shop/server.js --port 3000"},
		{"postgres|-D|/var/lib/postgresql/16/main|-c|config_file=/etc/postgresql/16/main/postgresql.conf", "postgres -D /var/lib/postgresql/16/main -c config_file=/etc/postgresql/16/main/postgresql.conf"},
		{"docker|run|-p|8080:80|--user|1000:1000|nginx", "docker run -p 8080:80 --user 1000:1000 nginx"},
		{"ssh|-p|2222|git@github.com", "ssh -p 2222 git@github.com"},
		{"psql|-p|5432|-h|localhost", "psql -p 5432 -h localhost"},
		{"vllm|serve|--max-num-batched-tokens|8192|--max-tokens=4096", "vllm serve --max-num-batched-tokens 8192 --max-tokens=4096"},
		{"nginx|-t|--token-file|/run/token|--password-stdin|x", "nginx -t --token-file /run/token --password-stdin x"},
		{"server|--tls-key|/etc/tls/server.key|--tls-cert=/etc/tls/server.crt|--ssl-key=key.pem", "server --tls-key /etc/tls/server.key --tls-cert=/etc/tls/server.crt --ssl-key=key.pem"},
		{"curl|http://[::1]:3000/a?x=1&keyword=shoes", "curl http://[::1]:3000/a?x=1&keyword=shoes"},
		{"curl|https://registry.npmjs.org/@scope/pkg", "curl https://registry.npmjs.org/@scope/pkg"},
		{"app|--auth=none|--auth-mode|oidc|--bypass|x|--design|y", "app --auth=none --auth-mode oidc --bypass x --design y"},
		{"containerd-shim|-id|9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "containerd-shim -id 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
		{"/opt/google/chrome/chrome|--type=utility|--utility-sub-type=network.mojom.NetworkService|--lang=en-US|--service-sandbox-type=none|--crashpad-handler-pid=4242|--enable-crash-reporter=1f2e,|--shared-files=v8_context_snapshot_data:100|--field-trial-handle=3,i,177,262144|--enable-features=PasswordImport,TokenBinding|--variations-seed-version|--password-store=gnome-libsecret|--user-data-dir=/home/me/.config/google-chrome",
			"/opt/google/chrome/chrome --type=utility --utility-sub-type=network.mojom.NetworkService --lang=en-US --service-sandbox-type=none --crashpad-handler-pid=4242 --enable-crash-reporter=1f2e, --shared-files=v8_context_snapshot_data:100 --field-trial-handle=3,i,177,262144 --enable-features=PasswordImport,TokenBinding --variations-seed-version --password-store=gnome-libsecret --user-data-dir=/home/me/.config/google-chrome"},
		{"/usr/bin/dockerd|-H|fd://|--containerd=/run/containerd/containerd.sock", "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"},
		{"/usr/bin/docker-proxy|-proto|tcp|-host-ip|0.0.0.0|-host-port|8080|-container-ip|172.17.0.2|-container-port|80", "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80"},
		{"java|-Djava.security.auth.login.config=/etc/kafka/jaas.conf|-Dcom.sun.management.jmxremote.authenticate=false|kafka.Kafka|config/server.properties", "java -Djava.security.auth.login.config=/etc/kafka/jaas.conf -Dcom.sun.management.jmxremote.authenticate=false kafka.Kafka config/server.properties"},
		{"kube-apiserver|--etcd-servers=https://127.0.0.1:2379|--service-account-key-file=/etc/sa.pub|--tls-private-key-file=/etc/t.key|--secure-port=6443", "kube-apiserver --etcd-servers=https://127.0.0.1:2379 --service-account-key-file=/etc/sa.pub --tls-private-key-file=/etc/t.key --secure-port=6443"},
		{"docker|run|--sig-proxy=false|--cookie-jar|/tmp/c|x", "docker run --sig-proxy=false --cookie-jar /tmp/c x"},
		{"nginx: worker process", "nginx: worker process"},
		{"postgres: alice shop 127.0.0.1(53124) idle", "postgres: alice shop 127.0.0.1(53124) idle"},
		{"java|-Duser.dir=/srv|-Xmx2g|-jar|app.jar", "java -Duser.dir=/srv -Xmx2g -jar app.jar"},
		{"git|commit|-m|two words", "git commit -m 'two words'"},
		{"x||y", "x '' y"},

		// By the name.
		{"app|--password=hunter2", "app --password=***"},
		{"app|--password|hunter2|--port|80", "app --password *** --port 80"},
		{"app|--password=two words & more", "app --password=***"},
		{"app|--password|two words", "app --password ***"},
		{"app|--db-password|x|-dbPassword|y", "app --db-password *** -dbPassword ***"},
		{"mysql|--password|-u|root", "mysql --password -u root"},
		{"app|--token|abc|--api-key=def|--apiKey|ghi|--client-secret=j", "app --token *** --api-key=*** --apiKey *** --client-secret=***"},
		{"env|PGPASSWORD=x|AWS_SECRET_ACCESS_KEY=wJalr/XUtnFEMI+K7|AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE|GITHUB_TOKEN=t", "env PGPASSWORD=*** AWS_SECRET_ACCESS_KEY=*** AWS_ACCESS_KEY_ID=*** GITHUB_TOKEN=***"},
		{"docker|run|-e|MYSQL_ROOT_PASSWORD=x|--env=POSTGRES_PASSWORD=y|mysql", "docker run -e MYSQL_ROOT_PASSWORD=*** --env=POSTGRES_PASSWORD=*** mysql"},
		{"java|-Dspring.datasource.password=x|-Djavax.net.ssl.keyStorePassword=y|-Dtoken=z|-jar|a.jar", "java -Dspring.datasource.password=*** -Djavax.net.ssl.keyStorePassword=*** -Dtoken=*** -jar a.jar"},
		{"redis-server|--requirepass|x|--masterauth|y|--port|6379", "redis-server --requirepass *** --masterauth *** --port 6379"},
		{"app|--key|Zm9vYmFyYmF6cXV4|--private-key|/etc/k", "app --key *** --private-key ***"},
		{"app|--auth|alice:x", "app --auth ***"},
		{"keytool|-storepass|changeit|-pw|x", "keytool -storepass *** -pw ***"},
		{"helm|install|--set|auth.postgresPassword=x,replicas=2", "helm install --set auth.postgresPassword=***"},
		{`app|--config={"password":"a \" b","port":3000,"token":"t"}`, `app --config={"password":"***","port":3000,"token":"***"}`},
		{"app|Server=db;User Id=sa;Password=x;Database=y", "app 'Server=db;User Id=sa;Password=***;Database=y'"},
		{"app|host=h password='a b' user=z", "app 'host=h password='***' user=z'"},
		{"openssl|pkcs12|-passin|pass:x|-passout|pass:y", "openssl pkcs12 -passin pass:*** -passout pass:***"},
		{"jupyter|lab|--NotebookApp.token=x|--port=8888", "jupyter lab --NotebookApp.token=*** --port=8888"},

		{"ngrok|config|add-authtoken|x|--log|stdout", "ngrok config add-authtoken *** --log stdout"},
		{"tailscale|up|--authkey|x|cloudflared|--token|y", "tailscale up --authkey *** cloudflared --token ***"},
		{"vault|server|-dev-root-token-id=root", "vault server -dev-root-token-id=***"},

		{"aws|configure|set|aws_secret_access_key|x|--profile|p", "aws configure set aws_secret_access_key *** --profile p"},
		{"npm|config|set|//registry.npmjs.org/:_authToken|x", "npm config set //registry.npmjs.org/:_authToken ***"},
		{"kubectl|create|secret|generic|s|--from-literal=pw=x|--token=y", "kubectl create secret generic s --from-literal=*** --token=***"},
		{"node|/srv/token_server.js|3000", "node /srv/token_server.js 3000"},
		{"ansible-playbook|-e|ansible_become_pass=x|site.yml", "ansible-playbook -e ansible_become_pass=*** site.yml"},
		{"curl|-ualice:x|--user=bob:y|--user|1:2", "curl -ualice:*** --user=bob:*** --user 1:2"},
		{"curl|--header=X-Api-Key: x|-HX-Auth-Token: y|-b|session=z", "curl '--header=X-Api-Key: ***' '-HX-Auth-Token: ***' -b ***"},
		{"http|-a|alice:x|:8080/a", "http -a alice:*** :8080/a"},
		{"lftp|-u|alice,x|sftp://h", "lftp -u alice,*** sftp://h"},
		{"ffmpeg|-f|flv|rtmp://live.twitch.tv/app/live_1_x", "ffmpeg -f flv rtmp://live.twitch.tv/app/***"},
		{"server|-a|0.0.0.0:8080|-u|http://h:80", "server -a 0.0.0.0:8080 -u http://h:80"},

		// By the program.
		{"mysql|-uroot|-phunter2|-P3306|shop", "mysql -uroot -p*** -P3306 shop"},
		{"/usr/bin/mysqldump|-p|shop", "/usr/bin/mysqldump -p shop"},
		{"mongosh|-u|root|-p|x|--port|27017", "mongosh -u root -p *** --port 27017"},
		{"sshpass|-p|x|ssh|-p|22|h", "sshpass -p *** ssh -p 22 h"},
		{"redis-cli|-a|x|-p|6379", "redis-cli -a *** -p 6379"},
		{"docker|login|-u|alice|-p|x", "docker login -u alice -p ***"},
		{"curl|-u|alice:x|http://h:80/", "curl -u alice:*** http://h:80/"},
		{"smbclient|-U|alice%x|//h/share", "smbclient -U alice%*** //h/share"},
		{"sh|-c|PGPASSWORD=x psql -p 5432 && mysql -py; tee 'a b'", "sh -c 'PGPASSWORD=*** psql -p 5432 && mysql -p*** tee 'a b''"},
		{"sh|-c|echo it's; app --password x 'y'", "sh -c 'echo it's; app --password *** 'y''"},
		{"sudo|mysql|-px", "sudo mysql -p***"},

		// Headers.
		{"curl|-H|Authorization: Bearer abc|-H|X-Api-Key: k|-H|Accept: text/html", "curl -H 'Authorization: ***' -H 'X-Api-Key: ***' -H 'Accept: text/html'"},
		{"curl|-H|Authorization:|Bearer|abc|x", "curl -H Authorization: Bearer *** x"},
		{"curl|-H|Authorization:Basic YTpi", "curl -H Authorization:***"},
		{"curl|--oauth2-bearer|abc|--cookie|a=b", "curl --oauth2-bearer *** --cookie ***"},

		{"bash|-c|curl -H 'Authorization: Bearer x' h", "bash -c 'curl -H 'Authorization: ***' h'"},
		{`bash|-c|curl -H "Authorization: token x" h`, `bash -c 'curl -H "Authorization: ***" h'`},

		// In code.
		{`node|-e|const password = "x"; run(3000)`, `node -e 'const password = *** run(3000)'`},
		{`python|-c|config = {"db_password" : "x"}`, `python -c 'config = {"db_password" : ***'`},
		{`app|{"auths":{"h":{"auth":"YWxpY2U6eA=="}}}`, `app {"auths":{"h":{"auth":"***"}}}`},

		// Accounts without a scheme.
		{"app|-dsn|alice:x@tcp(127.0.0.1:3306)/shop?parseTime=true", "app -dsn alice:***@tcp(127.0.0.1:3306)/shop?parseTime=true"},
		{"gost|-L=admin:x@:8080", "gost -L=admin:***@:8080"},
		{"app|--upstream|alice:x@h:8080|//bob:y@h/", "app --upstream alice:***@h:8080 //bob:***@h/"},
		{"java|-Durl=jdbc:oracle:thin:scott/x@h:1521|a.jar", "java -Durl=jdbc:oracle:thin:scott/***@h:1521 a.jar"},
		{"deno|run|npm:vite@5|git@github.com:a/b|nginx:1.25@sha256:0f|/a/b:/c/d@1", "deno run npm:vite@5 git@github.com:a/b nginx:1.25@sha256:0f /a/b:/c/d@1"},
		{"curl|-U|alice:x|-E|c.pem:y|h", "curl -U alice:*** -E c.pem:*** h"},
		{"ttyd|-c|alice:x|bash", "ttyd -c alice:*** bash"},
		{"ss-server|-s|0.0.0.0|-p|8388|-k|x|-m|aes-256-gcm", "ss-server -s 0.0.0.0 -p 8388 -k *** -m aes-256-gcm"},
		{"app|--dbpw=x|--rootpw|y|password|z", "app --dbpw=*** --rootpw *** password ***"},
		{"app|sk-abcdefghijklmnopqrstuvwx-token|x", "app sk-*** ***"},

		// In URLs.
		{"psql|postgres://alice:x@db:5432/shop?sslmode=require", "psql postgres://alice:***@db:5432/shop?sslmode=require"},
		{"app|redis://:x@cache:6379/0", "app redis://:***@cache:6379/0"},
		{"app|postgres://a:p/w@d@db/shop", "app postgres://a:***@db/shop"},
		{"git|clone|https://x-access-token-of-somebody-long@github.com/a/b", "git clone https://***@github.com/a/b"},
		{"app|--database-url=mysql://u:p@h/d", "app --database-url=mysql://u:***@h/d"},
		{"curl|https://h/a?token=x&page=2&access_token=y&sig=z&key=w#t", "curl https://h/a?token=***&page=2&access_token=***&sig=***&key=***"},
		{"curl|https://b.s3.amazonaws.com/k?X-Amz-Credential=c&X-Amz-Signature=s&X-Amz-Date=d", "curl https://b.s3.amazonaws.com/k?X-Amz-Credential=***&X-Amz-Signature=***&X-Amz-Date=d"},
		{"curl|https://hooks.slack.com/services/T0/B0/xyz", "curl https://hooks.slack.com/services/***"},
		{"app|http://a:x@h,http://b:y@h", "app http://a:***@h,http://b:***@h"},

		// By the shape.
		{"git|push|ghp_abcdefghijklmnopqrstuvwxyz0123456789", "git push ghp_***"},
		{"app|xoxb-123456789012-abc|sk_live_4eC39HqLyjWDarjtT1|AKIAIOSFODNN7EXAMPLE", "app xoxb-*** sk_live_*** AKIA***"},
		{"app|eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N", "app eyJ***"},
		{"app|-----BEGIN RSA PRIVATE KEY-----\nMIIE", "app '-----BEGIN RSA PRIVATE KEY-----***'"},
	}
	for _, test := range tests {
		if got := MaskLine(strings.Split(test.args, "|")); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.args, got, test.want)
		}
	}
	if got := MaskLine(nil); got != "" {
		t.Errorf("no arguments: %q", got)
	}
}

func TestMaskLineIsBounded(t *testing.T) {
	long := strings.Repeat("é\x1b[31m ", 1<<17)
	for _, args := range [][]string{{long}, {"x", long, long}, {"x", "--password", long}, {"app", "http://alice:" + strings.Repeat("s", 1<<20) + "@h"},
		strings.Split(strings.Repeat("-x ", 1<<18), " "), {"x", strings.Repeat("http://a:b", 1<<16)}, {"x", strings.Repeat(`"token":`, 1<<16)}, {strings.Repeat("(", 1<<20)}} {
		got := MaskLine(args)
		if len(got) > MaxLine || utf8.ValidString(args[0]) && !utf8.ValidString(got) {
			t.Errorf("%.20q: %d bytes, valid %v", args, len(got), utf8.ValidString(got))
		}
		if strings.Contains(got, "sss") {
			t.Errorf("the password of a URL that goes on for ever is shown: %.60q", got)
		}
	}
}

// FuzzMaskLine looks for what a fixed secret gets through.
func FuzzMaskLine(f *testing.F) {
	f.Add("node|server.js", "")
	f.Add("sh|-c|'a", "b'")
	f.Add("x|\xff\xfe", "y")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "c0rrecthorse"
		args := append(strings.Split(before, "|"), "--password="+secret, "--port")
		args = append(args, strings.Split(after, "|")...)
		got := MaskLine(args)
		if len(got) > MaxLine {
			t.Errorf("%d bytes", len(got))
		}
		if strings.Contains(got, secret) && !strings.Contains(before+after, secret) {
			t.Errorf("%q %q: %q", before, after, got)
		}
		MaskLine([]string{before, after})
		MaskLine(strings.Fields(before + after))
	})
}

func BenchmarkMaskLine(b *testing.B) {
	args := strings.Split("java|-Xmx2g|-Dfile.encoding=UTF-8|-Dspring.datasource.password=x|-cp|"+strings.Repeat("/home/me/.m2/repository/org/lib.jar:", 40)+"|com.example.Main|--server.port=8080", "|")
	b.ReportAllocs()
	for b.Loop() {
		MaskLine(args)
	}
}
