"""Passwords that are tried first by everybody who has no business here; case does not matter."""

from __future__ import annotations

from typing import Final

_BASES: Final = """
password passwort passw passwd pass admin administrator root user guest test demo sample default system
manager operator leader welcome login letmein changeme change secret master super superman batman dragon
monkey football baseball princess sunshine iloveyou shadow michael jordan hunter trustno whatever freedom
qwerty qwertyuiop qwert asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc qweasdzxcv
abc abcd abcde abcdef abcabc aabbcc aaa aaaa asd qaz wsx qwe zaq hello google windows linux oracle mysql
postgres cisco huawei hikvision dahua china zhongguo beijing shanghai chengdu dalian shenzhen guangzhou
woaini woaiwojia woshishei wangluo mima mimashi wodemima caonima nihao zhifubao taobao baidu tencent
chengguan wangge wanggehua zhihui zhihuizhongxin zhengfu gongan jiedao shequ grid gridadmin maproom
commandcentre commandcenter
"""
_COMMON: Final = """
123456 1234567 12345678 123456789 1234567890 12345678910 123123 123123123 123321 111111 11111111 000000
00000000 666666 66666666 888888 88888888 654321 87654321 987654321 0987654321 147258369 147258 159357
a123456 a1234567 a12345678 a123456789 aa123456 aa12345678 aa123456789 abc123 abc123456 abc12345678
123456a 123456abc 123456aa 1234qwer qwer1234 1qaz2wsx 1qaz2wsx3edc 1qaz@wsx 1qazxsw2 zaq12wsx !qaz2wsx
qwe123 qwe123456 qwerty123 qwerty123456 q1w2e3r4 q1w2e3r4t5 asd123 asd123456 zxc123 zxc123456 qwaszx
5201314 woaini1314 woaini520 woaini1314520 1314520 5211314 7758521 7758258 admin888 admin123 admin@123
admin123456 admin1234 root123 root123456 test1234 pass1234 p@ssw0rd p@ssw0rd1 p@ssw0rd123 passw0rd
password1 password12 password123 password1234 welcome1 welcome123 iloveyou1 letmein1 abcd1234 abcd@1234
aa112233 112233 11223344 112233445566 1122334455 123qwe 123qweasd 123qweasdzxc qazwsx123 qazwsxedc123
china123 huawei@123 changeme123 changeme_123 administrator1 correcthorsebatterystaple iloveyou123456
zhongguo123 wangge123 12345qwert qwert12345 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y zxcvbnm123 asdfghjkl123
1234567890qwertyuiop qwertyuiopasdfghjklzxcvbnm qwertyuiop123 1234abcd 1234abcd! abcdefg123 aaaaaa1
"""
#: Words that are no password by themselves, nor with digits and signs behind them.
BASES: Final = frozenset(_BASES.split())
#: Whole passwords.
COMMON: Final = frozenset(_COMMON.split())
