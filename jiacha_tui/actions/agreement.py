"""The agreement that is ticked before a card login (manual, first chapter of its second part).

The site's own text is not published with its manual. What stands here is what this program asks of its operator;
before the real site the operator has the site's agreement to read there.
"""

TITLE = "用户服务协议"

TEXT = """\
一、本程序用于境内收发货人查询、下载、重发和打印本单位的出口报关单电子数据。数据由中国电子口岸提供，以海关数据为准。

二、请使用本单位的卡介质登录，并妥善保管卡介质和密码。连续输错密码会锁卡。密码只在登录期间由卡使用，\
本程序不保存、不显示、不写入日志。

三、下载的报关单电子数据为加密的 XML 文件，仅用于导入税务局系统办理出口退税业务，不需要打开查看。下载与导入须使用\
同一个卡介质。

四、本机缓存经过加密，用登录时所用的卡和密码才能打开。卡遗失后缓存无法恢复，可换卡后重新同步。

五、向税务总局重发数据前，请先核对报关单。每次最多 10 票，重发 3-5 个工作日后再联系当地税务局查询。

六、本程序不是中国电子口岸的官方产品。登录中国电子口岸时，同时适用其网站公布的用户服务协议。
"""
