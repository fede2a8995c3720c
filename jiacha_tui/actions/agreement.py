"""The agreement that the operator accepts before a card login (manual, part two, chapter one).

The manual does not contain the site's own text. This text is what this program asks of its operator. The agreement
of the real site has to be read on the site.
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
