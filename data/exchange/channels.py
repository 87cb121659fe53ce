"""The channels (渠道) by which a case enters, with their sub-platforms and origin lines."""

from __future__ import annotations

from typing import Final, NamedTuple


class Channel(NamedTuple):
    """A row of table ``channel``.

    ``sub_platform`` is a code of label kind ``sub_platform`` (the sub-platforms
    of 益治理), ``origin_line`` the service line the channel stands for; both
    None where there is none.
    """

    channel_code: str
    name: str
    name_en: str
    group_code: str
    sub_platform: str | None = None
    origin_line: str | None = None


CHANNELS: Final = (
    Channel("officer_pda", "网格员上报", "Grid officer", "patrol"),
    Channel("volunteer", "志愿者上报", "Volunteer", "patrol"),
    Channel("rider", "新就业群体随手报", "Riders", "patrol"),
    Channel("app_key", "群众骨干APP", "Key residents' app", "patrol"),
    Channel("hotline_12345", "12345热线", "Hotline 12345", "hotline", "hotline_12345", "12345"),
    Channel("hotline_96966", "96966民生热线", "Hotline 96966", "hotline", None, "96966"),
    Channel("hotline_local", "区长热线", "District head's line", "hotline", None, "区长热线"),
    Channel("hotline_service", "便民服务热线", "Local service line", "hotline", None, "968111"),
    Channel("snap_public", "随手拍", "Photo report", "internet"),
    Channel("web", "民情互连网", "Minqing web board", "internet", "web"),
    Channel("minxin", "民心网", "Minxin web board", "internet", "minxin"),
    Channel("minyi", "民意网", "Minyi web board", "internet", "minyi"),
    Channel("web_community", "社区网", "Community website", "internet"),
    Channel("wechat_mp", "微信公众号", "WeChat account", "internet"),
    Channel("wechat_mini", "微信小程序", "WeChat mini program", "internet"),
    Channel("wechat_group", "居民微信群", "Residents' WeChat group", "internet"),
    Channel("app_public", "公众版APP", "Public app", "internet"),
    Channel("sms", "短信", "Text message", "internet"),
    Channel("weibo", "微博", "Weibo", "internet"),
    Channel("video_ai", "视频智能识别", "Video analysis", "device"),
    Channel("iot", "物联感知", "Sensors", "device"),
    Channel("smart_city", "智慧城管", "Smart urban management", "internal", "smart_city"),
    Channel("leader", "领导交办", "Assigned by a leader", "internal"),
    Channel("dept", "部门移交", "Passed on by a unit", "internal"),
    Channel("police_110", "110警务分流", "Diverted from 110", "internal", None, "110"),
    Channel("face_to_face", "见面反映", "In person", "offline"),
)
